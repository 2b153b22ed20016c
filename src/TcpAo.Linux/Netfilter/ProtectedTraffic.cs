using System.Text;
using TcpAo.Keys;

namespace TcpAo.Linux.Netfilter;

/// <summary>Connections whose segments go to the queue: ends as one of the two sees them, and perhaps an interface.</summary>
/// <param name="Match">The ends. Where <see cref="ConnectionMatch.Local"/> is no single address, only packets from or to an address of this namespace count: transit is not touched. The VRF is not looked at.</param>
/// <param name="Interface">Name of the interface that the segments come and go by; null for any. It may come into being later.</param>
/// <param name="IsInVrf">
/// It may be in a VRF, where kernels before 6.16 do not know our addresses from others' (nft_fib): without a single local address, transit between these ends is queued too.
/// </param>
/// <exception cref="ArgumentException">The name is no interface's.</exception>
public sealed record ProtectedTraffic(ConnectionMatch Match, string? Interface = null, bool IsInVrf = false)
{
    /// <summary>IFNAMSIZ less the zero byte.</summary>
    internal const int InterfaceNameMaximum = 15;

    /// <summary>The ends.</summary>
    public ConnectionMatch Match { get; } = Match ?? throw new ArgumentNullException(nameof(Match));

    /// <summary>Name of the interface that the segments come and go by; null for any.</summary>
    public string? Interface { get; } = Interface is null || Encoding.UTF8.GetByteCount(Interface) is > 0 and <= InterfaceNameMaximum
        ? Interface
        : throw new ArgumentException($"'{Interface}' is no interface name: they have 1 to {InterfaceNameMaximum} bytes.", nameof(Interface));
}
