namespace TcpAo.Hosting.Configuration;

/// <summary>How segments get from the kernel to <c>tcpao run</c> and back.</summary>
public enum DataPath
{
    /// <summary>One by one through a netfilter queue.</summary>
    NfQueue,

    /// <summary>Many at a time through a TUN device and packet sockets; what cannot go there takes the queue.</summary>
    Tun,

    /// <summary>The TUN device where nothing on this host depends on what it changes, else the queue.</summary>
    Auto,
}
