namespace TcpAo.Uapi;

/// <summary>States of a TCP socket, as Linux numbers them: <c>tcp_info.tcpi_state</c>, <c>inet_diag_msg.idiag_state</c>.</summary>
public enum TcpState : byte
{
    /// <summary>Not known; counts as connected.</summary>
    Unknown = 0,

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

    /// <summary>CLOSED: a new socket, or one whose connection is over.</summary>
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
