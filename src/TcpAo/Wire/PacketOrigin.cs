// RFC 791 section 3.1 and RFC 8200 section 3 as read from two places: live traffic must be whole, a capture may be cut.
namespace TcpAo.Wire;

/// <summary>Where a packet comes from: it decides how the IP length fields are read (RFC 791 section 3.1, RFC 8200 section 3).</summary>
public enum PacketOrigin
{
    /// <summary>Live traffic. The buffer must hold the whole packet.</summary>
    Network,

    /// <summary>
    /// A capture file. The payload may be cut (snap length), and an IP length of zero stands for a packet that was
    /// captured before segmentation offload filled the field in: then the buffer's length counts.
    /// </summary>
    Capture,
}
