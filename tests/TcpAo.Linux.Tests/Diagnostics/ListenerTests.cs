using System.Net;
using System.Net.Sockets;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Diagnostics;

/// <summary>Which listener a connection comes to, before and while there is one.</summary>
public sealed class ListenerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Listener_IsFoundBesideItsConnections(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        IPAddress address = TwoHosts.AddressOfB(isIPv6);
        SocketPair unknown = new(IpAddressBits.From(address), IpAddressBits.From(TwoHosts.AddressOfA(isIPv6)), 179, 4000);
        Assert.Null(diag.FindAny(unknown));
        Assert.Null(diag.FindListener(unknown));
        using Socket listener = hosts.B.Listen(address, 179);
        ulong cookie = Connected.CookieOf(listener);
        Assert.Equal((cookie, TcpState.Listen), (diag.FindAny(unknown)!.Value.Cookie, diag.FindAny(unknown)!.Value.State));
        using Connected connected = Connected.To(hosts.A, listener, new IPEndPoint(address, 179));
        Assert.Equal((Connected.CookieOf(connected.Server), TcpState.Established), (diag.FindAny(connected.ServerPair)!.Value.Cookie, diag.FindAny(connected.ServerPair)!.Value.State));
        Assert.Equal(cookie, diag.FindListener(connected.ServerPair)!.Value.Cookie);
        Assert.Null(diag.FindListener(connected.ServerPair with { LocalPort = 180 }));
        listener.Dispose();
        Assert.Null(diag.FindListener(connected.ServerPair));
        Assert.Null(diag.FindAny(unknown));
    }

    [Fact]
    public void Listener_ForIPv4OverAnIPv6Socket_IsFound()
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        using Socket listener = hosts.B.Space.Run(() =>
        {
            Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 179));
            socket.Listen();
            return socket;
        });
        SocketPair pair = new(IpAddressBits.From(TwoHosts.B4), IpAddressBits.From(TwoHosts.A4), 179, 4000);
        Assert.Equal(Connected.CookieOf(listener), diag.FindListener(pair)!.Value.Cookie);
    }
}
