namespace TcpAo.Connections;

/// <summary>What happens to a TCP-AO segment whose KeyID names no key .</summary>
public enum UnknownKeyAction
{
    /// <summary>It is refused, as on Linux. The default.</summary>
    Drop,

    /// <summary>It passes as if it were unsigned: the default of RFC 5925 section 7.3.</summary>
    Accept,
}
