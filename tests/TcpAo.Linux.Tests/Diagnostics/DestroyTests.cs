using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Diagnostics;

/// <summary>A connection that may not go on is ended by the kernel.</summary>
public sealed class DestroyTests
{
    private const int Unsupported = 95;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connection_Destroyed_PeerIsResetAndOwnerTold(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.A.Space.Run(SockDiag.Open);
        using Connected connected = Connected.To(hosts.A, hosts.B, TwoHosts.AddressOfB(isIPv6), 179);
        ulong cookie = Connected.CookieOf(connected.Client);
        Assert.True(Destroy(diag, connected, cookie));
        Assert.Equal(SocketError.ConnectionReset, Connected.ErrorOf(connected.Server));
        Assert.Equal(SocketError.ConnectionAborted, Connected.ErrorOf(connected.Client));
        Assert.Null(diag.Find(connected.ClientPair));
        Assert.Empty(diag.List());
        Assert.False(Destroy(diag, connected, cookie));
    }

    [Fact]
    public void Connection_DestroyedWithAnotherCookie_GoesOn()
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.A.Space.Run(SockDiag.Open);
        using Connected connected = Connected.To(hosts.A, hosts.B, TwoHosts.B4, 179);
        Assert.False(Destroy(diag, connected, Connected.CookieOf(connected.Client) + 1_000_000));
        connected.Client.Send("x"u8);
        Assert.Equal(1, connected.Server.Receive(new byte[1]));
    }

    [Fact]
    public void Pair_UnknownWithAListenerForIt_LeavesTheListener()
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        using Socket listener = hosts.B.Listen(TwoHosts.B4, 179);
        ulong cookie;
        using (Connected connected = Connected.To(hosts.A, listener, new IPEndPoint(TwoHosts.B4, 179)))
        {
            cookie = Connected.CookieOf(connected.Server);
            Assert.False(diag.Destroy(connected.ServerPair with { RemotePort = 1 }, cookie));
        }

        Assert.Equal(Connected.CookieOf(listener), Assert.Single(diag.List(TcpState.Listen)).Cookie);
    }

    [Fact]
    public void AnyCookie_Destroy_IsRefused()
    {
        using Host host = Host.Create();
        using SockDiag diag = host.Space.Run(SockDiag.Open);
        Assert.Throws<ArgumentOutOfRangeException>(() => diag.Destroy(default, ulong.MaxValue));
    }

    private static bool Destroy(SockDiag diag, Connected connected, ulong cookie)
    {
        try
        {
            return diag.Destroy(connected.ClientPair, cookie);
        }
        catch (LinuxException exception) when (exception.Errno == Unsupported)
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }
}
