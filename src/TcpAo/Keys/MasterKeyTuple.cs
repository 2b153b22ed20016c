namespace TcpAo.Keys;

/// <summary>A master key tuple: a key and the connections it is for (RFC 5925 section 3.1, R-011). Immutable .</summary>
/// <param name="match">The connection identifier.</param>
/// <param name="key">Ids, algorithm, secret and lifetimes.</param>
/// <param name="nat">Which ends sit behind a NAT (RFC 6978, R-118).</param>
public sealed class MasterKeyTuple(ConnectionMatch match, AoKey key, NatSides nat = NatSides.None)
{
    /// <summary>The connection identifier.</summary>
    public ConnectionMatch Match { get; } = match ?? throw new ArgumentNullException(nameof(match));

    /// <summary>Ids, algorithm, secret and lifetimes.</summary>
    public AoKey Key { get; } = key ?? throw new ArgumentNullException(nameof(key));

    /// <summary>Which ends sit behind a NAT (RFC 6978, R-118).</summary>
    public NatSides Nat { get; } = nat;

    /// <summary>The key's name and ids, and whom it is for; never the secret.</summary>
    public override string ToString() => $"{Key} for {Match}";
}
