// linux/ethtool.h: ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO.
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Namespaces;

/// <summary>Segmentation offload of network interfaces: TCP hands over packets that stand for many segments (TSO, GSO), and gets such (GRO).</summary>
public static class SegmentationOffload
{
    private const uint ETHTOOL_STSO = 0x1F;
    private const uint ETHTOOL_SGSO = 0x24;
    private const uint ETHTOOL_SGRO = 0x2C;

    /// <summary>Switches it off for an interface of the network namespace that the calling thread is in; each segment is a packet from then on.</summary>
    /// <exception cref="LinuxException">There is no such interface, or CAP_NET_ADMIN is missing.</exception>
    public static void Disable(string link)
    {
        ArgumentException.ThrowIfNullOrEmpty(link);
        foreach (uint command in (ReadOnlySpan<uint>)[ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO])
        {
            Libc.SetEthtoolValue(link, command, 0, $"Could not switch segmentation offload of {link} off.");
        }
    }
}
