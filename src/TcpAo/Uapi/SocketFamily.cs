namespace TcpAo.Uapi;

/// <summary>Address families, as Linux numbers them.</summary>
public enum SocketFamily : ushort
{
    /// <summary>AF_UNSPEC.</summary>
    Unspecified = 0,

    /// <summary>AF_INET.</summary>
    Inet = 2,

    /// <summary>AF_INET6.</summary>
    Inet6 = 10,
}
