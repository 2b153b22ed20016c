namespace TcpAo.Hosting.Configuration;

/// <summary>What happens to a signed segment whose KeyID no key has .</summary>
public enum UnknownKeyPolicy
{
    /// <summary>It is dropped, as Linux does.</summary>
    Drop,

    /// <summary>It passes, which is RFC 5925's default.</summary>
    Accept,
}
