using System.Net.Sockets;
using TcpAo.Keys;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>Whom a key is for, as a socket of a family has to be told: IPv4 on an IPv6 socket is IPv4-mapped, and counts its prefix as IPv4 does (linux-uapi 4.1).</summary>
/// <param name="Address">What goes into the structure.</param>
/// <param name="PrefixLength">What goes with it.</param>
/// <param name="Prefix">The same as the kernel gives it back: every peer is of a family.</param>
internal readonly record struct OptionPeer(SockAddr Address, byte PrefixLength, IpPrefix Prefix)
{
    private static readonly IpPrefix s_anyV4 = EveryPeer("0.0.0.0/0");
    private static readonly IpPrefix s_anyV6 = EveryPeer("::/0");

    /// <summary>Peers of a socket.</summary>
    /// <exception cref="TcpAoException">The socket cannot have a key for them.</exception>
    public static OptionPeer On(OptionSocket socket, IpPrefix peer)
    {
        if (socket.Family == AddressFamily.InterNetwork)
        {
            return peer.Family == IpFamily.IPv6
                ? throw Wrong($"A key for {peer} is for IPv6, and this is an IPv4 socket.")
                : Make(SocketFamily.Inet, peer.IsAny ? s_anyV4 : peer);
        }

        if (socket.Family != AddressFamily.InterNetworkV6)
        {
            throw Wrong("TCP-AO is for TCP sockets of IPv4 or IPv6.");
        }

        if (peer.IsAny && socket.IsDualMode)
        {
            // Linux would take it, and leave every IPv4 peer without a key
            throw Wrong("On a dual-mode socket no key is for every IPv4 peer: name a prefix, or set DualMode to false, or say ::/0 for every IPv6 peer and refuse the others with AoRequired.");
        }

        if (peer.Family != IpFamily.IPv4)
        {
            return Make(SocketFamily.Inet6, peer.IsAny ? s_anyV6 : peer);
        }

        if (!socket.IsDualMode && socket.State is TcpState.Closed or TcpState.Listen)
        {
            throw Wrong($"A key for {peer} is for IPv4, and this IPv6 socket takes no IPv4 peers: set DualMode to true, or use an IPv4 socket.");
        }

        return peer.PrefixLength == 0
            ? throw Wrong("On an IPv6 socket no key is for every IPv4 peer: name a longer prefix, or use an IPv4 socket.")
            : Make(SocketFamily.Inet6, peer);
    }

    /// <summary>The address in its own family's form, as filters of TCP_AO_GET_KEYS take it on every socket.</summary>
    public SockAddr Filter => SockAddr.Of(Prefix.Address);

    private static OptionPeer Make(SocketFamily family, IpPrefix prefix) =>
        new(new SockAddr(family, prefix.PrefixLength == 0 && family == SocketFamily.Inet6 ? default : prefix.Address, 0), (byte)prefix.PrefixLength, prefix);

    private static IpPrefix EveryPeer(string text) => IpPrefix.TryParse(text, out IpPrefix prefix, out _) ? prefix : default;

    private static TcpAoException Wrong(string message) => new(TcpAoError.WrongPeer, message);
}
