namespace TcpAo.Connections;

/// <summary>How keys were given, which decides between behaviours of the two systems that this one continues.</summary>
public enum KeyScope
{
    /// <summary>
    /// By policy, for a network namespace: the sending key is chosen by lifetime, and a SYN whose RNextKeyID is unknown is answered
    /// with our own choice (RFC 5925 section 7.5).
    /// </summary>
    Policy,

    /// <summary>
    /// By socket, as on Linux: the key added last is the first choice, and a SYN whose RNextKeyID is unknown gets no SYN-ACK.
    /// </summary>
    Socket,
}
