namespace TcpAo.Connections;

/// <summary>Whether a connection is authenticated: all of its segments or none .</summary>
public enum Protection
{
    /// <summary>Not settled yet: our SYN is signed, the peer has not answered.</summary>
    Undecided,

    /// <summary>Every segment is signed and verified.</summary>
    Signed,

    /// <summary>No segment is: the peer's first one was not, and the policy allows that.</summary>
    Unsigned,
}
