namespace TcpAo.Diagnostics;

/// <summary>What happened. The first thirteen are Linux' trace events of the same meaning.</summary>
public enum AoEventKind
{
    /// <summary><c>tcp_hash_bad_header</c>: the options for authentication break the rules.</summary>
    BadHeader,

    /// <summary><c>tcp_hash_ao_required</c>: an unsigned segment was refused.</summary>
    AoRequired,

    /// <summary><c>tcp_hash_md5_required</c>: a segment without TCP MD5 was refused.</summary>
    Md5Required,

    /// <summary><c>tcp_hash_md5_unexpected</c>: a segment with TCP MD5 was refused where none is used.</summary>
    Md5Unexpected,

    /// <summary><c>tcp_hash_md5_mismatch</c>: a TCP MD5 digest was wrong.</summary>
    Md5Mismatch,

    /// <summary><c>tcp_ao_handshake_failure</c>: a segment with or without TCP-AO unlike the connection's SYN.</summary>
    HandshakeFailure,

    /// <summary><c>tcp_ao_wrong_maclen</c>: the MAC is not as long as the key says.</summary>
    WrongMacLength,

    /// <summary><c>tcp_ao_mismatch</c>: the MAC is wrong.</summary>
    MacMismatch,

    /// <summary><c>tcp_ao_key_not_found</c>: no key has the KeyID.</summary>
    KeyNotFound,

    /// <summary><c>tcp_ao_rnext_request</c>: the peer asks for another key; <c>keyid</c> is the one that we sent with.</summary>
    RNextRequest,

    /// <summary><c>tcp_ao_synack_no_key</c>: no SYN-ACK can be sent, because no key is the one that the SYN asks for.</summary>
    SynAckNoKey,

    /// <summary><c>tcp_ao_snd_sne_update</c>: our sequence numbers wrapped.</summary>
    SendSneUpdate,

    /// <summary><c>tcp_ao_rcv_sne_update</c>: the peer's sequence numbers wrapped.</summary>
    ReceiveSneUpdate,

    /// <summary>current_key is another one: we sign with it from now on.</summary>
    CurrentKeyChanged,

    /// <summary>rnext_key is another one: we ask the peer for it from now on.</summary>
    RNextKeyChanged,

    /// <summary>Both ends have signed: the connection is protected.</summary>
    Established,

    /// <summary>The peer does not sign, and the policy lets the connection go on without.</summary>
    Unprotected,

    /// <summary>A segment of ours could not be signed and was held back.</summary>
    NotSent,

    /// <summary>An ICMP hard error was ignored.</summary>
    IcmpIgnored,

    /// <summary>Fast Open's option was taken out of a segment of ours: the connection opens without it.</summary>
    FastOpenGivenUp,

    /// <summary>Multipath TCP's option was taken out of a segment of ours: the connection falls back to plain TCP.</summary>
    MultipathGivenUp,

    /// <summary>The peer signs with a key that is not accepted at this time any more: it stays on this connection until the peer has left it. Said once for a key.</summary>
    PeerKeyOver,
}
