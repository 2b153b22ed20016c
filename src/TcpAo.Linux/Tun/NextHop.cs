namespace TcpAo.Linux.Tun;

/// <summary>Where a packet goes next.</summary>
internal sealed class NextHop
{
    /// <summary>Bytes of an Ethernet header.</summary>
    public const int HeaderLength = 14;

    /// <summary>Whether the destination is this host itself.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Index of the interface; 0 where only the kernel can tell the way.</summary>
    public int Link { get; init; }

    /// <summary>MTU of the interface in bytes; 0 where it is not known.</summary>
    public int Mtu { get; init; }

    /// <summary>The Ethernet header of packets that go there; null where there is no such link, or the neighbor has not answered.</summary>
    public byte[]? Header { get; init; }

    /// <summary>Whether the kernel knows that the neighbor is there; else a packet of the kernel's own now and then has it find out.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>When a packet went the kernel's way last, in monotonic milliseconds.</summary>
    public long AskedAt { get; set; } = long.MinValue;
}
