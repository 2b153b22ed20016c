namespace TcpAo.Linux.Sockets;

/// <summary>Who answers this process' calls for TCP-AO.</summary>
public enum TcpAoProvider
{
    /// <summary>Nobody: there is none.</summary>
    None,

    /// <summary>The kernel (CONFIG_TCP_AO).</summary>
    Kernel,

    /// <summary><c>tcpao exec</c>, which runs the program.</summary>
    Exec,

    /// <summary>A running <c>tcpao run</c> that the program asked to (<see cref="TcpAoDaemon.Join"/>).</summary>
    Daemon,
}
