using System.Collections.Immutable;

namespace TcpAo.Hosting.KeyStores;

/// <summary>A chain in the store, as an entry of <c>key-chains</c> in the configuration.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Keys">Its keys.</param>
public sealed record StoredChain(string Name, ImmutableArray<StoredKey> Keys)
{
    /// <summary>By how much accept lifetimes are widened, as a duration; null for nothing.</summary>
    public string? AcceptTolerance { get; init; }
}
