namespace TcpAo;

/// <summary>What RFC 5925 leaves to the implementation, for a whole engine.</summary>
public sealed record AoEngineOptions
{
    /// <summary>
    /// Remove the option from verified segments. Needed where the kernel has TCP-AO and would refuse what its socket has no key for; a
    /// kernel without TCP-AO skips the option. TCP MD5 is stripped alike: nearly every kernel has that, and refuses what its socket has no key for.
    /// </summary>
    public bool StripVerified { get; init; }

    /// <summary>
    /// The stack has no TCP-AO, so that the socket of a connection that is up skips the option: <see cref="StripVerified"/> leaves it in once the stack has sent
    /// something that only such a socket sends. Until then it goes: Linux with TCP MD5 and without TCP-AO refuses it while the handshake is not over.
    /// </summary>
    public bool StackSkipsOption { get; init; }

    /// <summary>
    /// Drop TCP-AO segments of connections without keys, as Linux does. False is RFC 5925's default.
    /// </summary>
    public bool DropAoWithoutKeys { get; init; } = true;

    /// <summary>
    /// Take the ISNs from the ACK that ends a handshake of which there is no record. Off by default: a replayed ACK of an
    /// earlier connection would verify.
    /// </summary>
    public bool AcceptHandshakeAckWithoutSyn { get; init; }

    /// <summary>
    /// Lower the MSS that the local stack believes the peer announced, and the MTU in "too big" errors, by the padded option, so that what it sends
    /// still fits once it is signed. For a stack that knows nothing of the option.
    /// </summary>
    public bool ReserveOptionSpace { get; init; }

    /// <summary>
    /// Take Fast Open's cookie and the data out of a verified SYN, so that no data of a SYN that somebody recorded and sends again reach a program. The
    /// peer sends them again once the connection is up.
    /// </summary>
    public bool HoldSynData { get; init; }

    /// <summary>
    /// Ignore ICMP hard errors also for connections that this engine does not know, where their peer has keys and does not accept such errors. For several
    /// engines that share a host: an error may reach another one than the connection that it quotes is on.
    /// </summary>
    public bool RefuseIcmpOfUnknown { get; init; }

    /// <summary>
    /// Let segments with a TCP MD5 option pass where the connection's keys are TCP-AO's, for a stack that does TCP MD5 itself and has no such key for the peer: it refuses them, and counts
    /// them where people look for that. Only for keys by socket, which exclude each other on one peer.
    /// </summary>
    public bool LeaveMd5ToStack { get; init; }

    /// <summary>
    /// Let an ICMP error that is ignored reach the stack nevertheless, with the quoted sequence number outside any window: the stack counts the error as it came in, and does nothing else
    /// (linux-uapi 6).
    /// </summary>
    public bool ShowIgnoredIcmp { get; init; }

    /// <summary>The most connections that are remembered; beyond it new ones are dropped.</summary>
    public int MaxConnections { get; init; } = 1_000_000;

    /// <summary>How long the keys of a closed connection live on for late segments, in milliseconds. Longer than Linux' 60 s in TIME-WAIT.</summary>
    public long ClosedLifetime { get; init; } = 120_000;

    /// <summary>How long a handshake may take before it is forgotten, in milliseconds. Linux gives up after 127 s by default.</summary>
    public long HandshakeLifetime { get; init; } = 180_000;
}
