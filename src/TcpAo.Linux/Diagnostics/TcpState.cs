namespace TcpAo.Linux.Diagnostics;

/// <summary>States of RFC 9293 section 3.3.2 with the kernel's numbers (linux/tcp_states.h).</summary>
public enum TcpState
{
    /// <summary>ESTABLISHED.</summary>
    Established = 1,

    /// <summary>SYN-SENT.</summary>
    SynSent = 2,

    /// <summary>SYN-RECEIVED; also the request that becomes a socket with the handshake's last segment.</summary>
    SynReceived = 3,

    /// <summary>FIN-WAIT-1.</summary>
    FinWait1 = 4,

    /// <summary>FIN-WAIT-2.</summary>
    FinWait2 = 5,

    /// <summary>TIME-WAIT.</summary>
    TimeWait = 6,

    /// <summary>CLOSED: the socket is connected no more, or never was.</summary>
    Closed = 7,

    /// <summary>CLOSE-WAIT.</summary>
    CloseWait = 8,

    /// <summary>LAST-ACK.</summary>
    LastAck = 9,

    /// <summary>LISTEN.</summary>
    Listen = 10,

    /// <summary>CLOSING.</summary>
    Closing = 11,
}
