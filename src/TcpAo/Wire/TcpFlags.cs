// RFC 9293 section 3.1: the control bits; CWR and ECE are RFC 3168 section 6.1. The former NS bit is not among them.
namespace TcpAo.Wire;

/// <summary>The control bits of a TCP header (RFC 9293 section 3.1).</summary>
[Flags]
public enum TcpFlags : byte
{
    /// <summary>No bit is set.</summary>
    None = 0,

    /// <summary>No more data from the sender.</summary>
    Fin = 1,

    /// <summary>Synchronize sequence numbers.</summary>
    Syn = 2,

    /// <summary>Reset the connection.</summary>
    Rst = 4,

    /// <summary>Push function.</summary>
    Psh = 8,

    /// <summary>The acknowledgment field is significant.</summary>
    Ack = 16,

    /// <summary>The urgent pointer is significant.</summary>
    Urg = 32,

    /// <summary>ECN-Echo (RFC 3168 section 6.1).</summary>
    Ece = 64,

    /// <summary>Congestion window reduced (RFC 3168 section 6.1).</summary>
    Cwr = 128,
}
