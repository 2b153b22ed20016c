using TcpAo.Hosting.KeyStores;

namespace TcpAo.Hosting.Fleet;

/// <summary>A coordinated rollover under way, as the chain's document has it.</summary>
/// <param name="Step">How far it is.</param>
/// <param name="To">Number of the key that is to sign.</param>
/// <param name="From">Number of the key that is to go.</param>
/// <param name="Aborting">Whether this is the way back of one that was aborted: <paramref name="To"/> is the key of before.</param>
/// <param name="Started">When it began.</param>
/// <param name="Operator">Who began it.</param>
public sealed record Rollover(RolloverStep Step, ulong To, ulong From, bool Aborting, DateTimeOffset Started, string Operator)
{
    /// <summary>The key that is gone, for a way back; null while it is in the chain.</summary>
    public StoredKey? Retired { get; init; }
}
