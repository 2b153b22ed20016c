namespace TcpAo.Connections;

/// <summary>How far a connection is, as far as TCP-AO needs to know (RFC 9293 section 3.3.2).</summary>
public enum ConnectionState
{
    /// <summary>We sent a SYN.</summary>
    SynSent,

    /// <summary>The peer sent a SYN.</summary>
    SynReceived,

    /// <summary>Both ISNs are known and used; includes all closing states and TIME-WAIT.</summary>
    Synchronized,

    /// <summary>The socket is gone; the keys live on for late segments.</summary>
    Closed,
}
