// RFC 9293 section 3.2 and the IANA registry of TCP option kinds: those that this library has to know by name.
namespace TcpAo.Wire;

/// <summary>Kinds of TCP options (RFC 9293 section 3.2). Kinds that are not listed are carried along unread.</summary>
public enum TcpOptionKind : byte
{
    /// <summary>The end of the list; what follows is padding (RFC 9293 section 3.2).</summary>
    EndOfList = 0,

    /// <summary>One byte of padding between options (RFC 9293 section 3.2).</summary>
    NoOperation = 1,

    /// <summary>Maximum segment size, 4 bytes, in a SYN only (RFC 9293 section 3.7.1).</summary>
    MaximumSegmentSize = 2,

    /// <summary>Window scale, 3 bytes (RFC 7323 section 2).</summary>
    WindowScale = 3,

    /// <summary>SACK permitted, 2 bytes (RFC 2018 section 2).</summary>
    SackPermitted = 4,

    /// <summary>Selective acknowledgment, 2 bytes and 8 for each block (RFC 2018 section 3).</summary>
    Sack = 5,

    /// <summary>Timestamps, 10 bytes (RFC 7323 section 3).</summary>
    Timestamps = 8,

    /// <summary>TCP MD5 signature, 18 bytes (RFC 2385 section 3).</summary>
    Md5Signature = 19,

    /// <summary>TCP-AO, 4 bytes and the MAC (RFC 5925 section 2.2, R-001).</summary>
    TcpAo = 29,

    /// <summary>Multipath TCP (RFC 8684 section 3).</summary>
    MultipathTcp = 30,

    /// <summary>Fast Open cookie (RFC 7413 section 4.1.1).</summary>
    FastOpenCookie = 34,
}
