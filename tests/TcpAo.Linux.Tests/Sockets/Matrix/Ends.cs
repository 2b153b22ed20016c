using System.Net;
using System.Net.Sockets;
using TcpAo.Keys;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>Addresses of a server and of clients, all on the loopback device, and their sockets.</summary>
/// <param name="Name">What rows call it.</param>
/// <param name="Server">The server's address.</param>
/// <param name="Client">The client's.</param>
/// <param name="Other">Another client's.</param>
/// <param name="Prefix">A prefix with all of them.</param>
/// <param name="Every">Every peer; null where no key is for all of them.</param>
/// <param name="IsDualMode">Whether the sockets are of IPv6 and the addresses of IPv4.</param>
internal sealed record Ends(string Name, IPAddress Server, IPAddress Client, IPAddress Other, IpPrefix Prefix, IpPrefix? Every, bool IsDualMode)
{
    /// <summary>Documentation's; 1, 2 and 3 of it have to be there.</summary>
    public const string IPv6Prefix = "2001:db8:59::";

    public static IReadOnlyList<Ends> All { get; } =
    [
        new("IPv4", IPAddress.Parse("127.59.0.1"), IPAddress.Parse("127.59.0.2"), IPAddress.Parse("127.59.0.3"), Read("127.59.0.0/24"), IpPrefix.Any, IsDualMode: false),
        new("IPv6", IPAddress.Parse(IPv6Prefix + "1"), IPAddress.Parse(IPv6Prefix + "2"), IPAddress.Parse(IPv6Prefix + "3"), Read(IPv6Prefix + "/64"), IpPrefix.Any, IsDualMode: false),
        new("mapped", IPAddress.Parse("127.59.0.1"), IPAddress.Parse("127.59.0.2"), IPAddress.Parse("127.59.0.3"), Read("127.59.0.0/24"), null, IsDualMode: true),
    ];

    public static IpPrefix Host(IPAddress address) => IpPrefix.Host(IpAddressBits.From(address));

    /// <summary>A socket that is bound to an address and a port of the kernel's choice.</summary>
    public Socket Bound(IPAddress address)
    {
        Socket socket = new(IsDualMode ? AddressFamily.InterNetworkV6 : address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (IsDualMode)
        {
            socket.DualMode = true;
        }

        socket.Bind(new IPEndPoint(IsDualMode ? address.MapToIPv6() : address, 0));
        return socket;
    }

    public override string ToString() => Name;

    private static IpPrefix Read(string text) => IpPrefix.TryParse(text, out IpPrefix prefix, out string? reason) ? prefix : throw new ArgumentException(reason);
}
