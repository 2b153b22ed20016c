namespace TcpAo.Linux.Tun;

/// <summary>What waits at a <see cref="TunPath"/>.</summary>
[Flags]
public enum TunReady
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Packets that the local TCP sends.</summary>
    Outbound = 1,

    /// <summary>Packets that arrived by a link.</summary>
    Inbound = 2,
}
