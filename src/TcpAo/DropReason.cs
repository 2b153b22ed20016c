namespace TcpAo;

/// <summary>
/// Why a segment was refused. There is one reason for each refusal; it is at once the log field, the metric tag and
/// the test assertion. <see cref="None"/> means that nothing was refused.
/// </summary>
public enum DropReason : byte
{
    /// <summary>Nothing was refused.</summary>
    None = 0,

    // The packet cannot be read (Wire).

    /// <summary>The buffer ends before the packet that its headers announce (RFC 791, RFC 8200, RFC 9293).</summary>
    PacketTruncated,

    /// <summary>The IP version is neither 4 nor 6.</summary>
    IpVersionUnknown,

    /// <summary>The IPv4 header length is below 20 bytes or beyond the packet (RFC 791 section 3.1).</summary>
    IpHeaderLength,

    /// <summary>The IP length field does not hold the IP header and what must follow it.</summary>
    IpTotalLength,

    /// <summary>A fragment of a packet: nothing in it can be authenticated alone (RFC 791, RFC 8200 section 4.5).</summary>
    IpFragment,

    /// <summary>An IPv6 extension header runs past the packet, or the chain is longer than any honest one (RFC 8200 section 4).</summary>
    Ipv6ExtensionHeader,

    /// <summary>The packet carries something other than TCP.</summary>
    NotTcp,

    /// <summary>The TCP data offset is below 5 words or beyond the packet .</summary>
    TcpHeaderLength,

    /// <summary>A TCP option has a length below 2 or runs past the header .</summary>
    TcpOptionLength,

    /// <summary>More than one TCP-AO option .</summary>
    AoDuplicate,

    /// <summary>TCP-AO and TCP MD5 in one segment .</summary>
    AoWithMd5,

    /// <summary>The TCP-AO option is shorter than its four fixed bytes .</summary>
    AoLength,

    /// <summary>More than one TCP MD5 option (RFC 2385 section 2).</summary>
    Md5Duplicate,

    /// <summary>A TCP MD5 option whose length is not 18 (RFC 2385 section 3).</summary>
    Md5Length,

    // The segment is not authentic (inbound).

    /// <summary>The MAC is not as long as the key says; found before any MAC is computed .</summary>
    MacLengthMismatch,

    /// <summary>The MAC differs .</summary>
    MacMismatch,

    /// <summary>No key has the KeyID of the segment .</summary>
    KeyNotFound,

    /// <summary>The key that the KeyID names is not accepted at this time: its accept lifetime is over or not begun .</summary>
    KeyNotAccepted,

    /// <summary>A segment without TCP-AO on a connection that must have it .</summary>
    AoRequired,

    /// <summary>A segment with TCP-AO on a connection that has none (R-075, <c>reject-unexpected</c>).</summary>
    AoUnexpected,

    /// <summary>The initial sequence numbers of the connection are not known, so no traffic key exists .</summary>
    IsnUnknown,

    /// <summary>A segment without TCP MD5 on a connection that must have it (RFC 2385 section 2).</summary>
    Md5Required,

    /// <summary>A segment with TCP MD5 on a connection that has none .</summary>
    Md5Unexpected,

    // The segment cannot be signed (outbound).

    /// <summary>No key is valid for sending: the connection holds rather than send unsigned.</summary>
    NoSendKey,

    /// <summary>The RNextKeyID of the peer's SYN names no key of ours, and the policy asks for one (Linux' passive open).</summary>
    RNextKeyNotFound,

    /// <summary>The TCP header has no room for the option, also after trailing SACK blocks were given up .</summary>
    OptionSpace,

    /// <summary>The buffer has no room for the grown packet, or the packet would exceed 65535 bytes.</summary>
    BufferTooSmall,

    // Others.

    /// <summary>An ICMP hard error for a synchronized connection with TCP-AO .</summary>
    IcmpIgnored,

    /// <summary>The table of connections is full.</summary>
    ConnectionTableFull,
}
