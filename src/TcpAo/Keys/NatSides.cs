namespace TcpAo.Keys;

/// <summary>
/// Which ends of a connection sit behind a NAT: their address and port are zero in the KDF context and in the MAC input
/// (RFC 6978 section 4, R-118, R-119). Matching a connection is not affected.
/// </summary>
[Flags]
public enum NatSides
{
    /// <summary>Plain RFC 5925.</summary>
    None = 0,

    /// <summary>localNAT: we are behind a NAT; what a client sets .</summary>
    Local = 1,

    /// <summary>remoteNAT: the peer is behind a NAT; what a server sets .</summary>
    Remote = 2,
}
