using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Diagnostics;

/// <summary>When a socket is gone its keys go too; an active closer's after TIME-WAIT.</summary>
public sealed class SockDiagMonitorTests
{
    private const int RoomForAFew = 4096;
    private const int Many = 64;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connection_Closed_IsToldOfByItsCookie(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiagMonitor monitor = hosts.B.Space.Run(() => SockDiagMonitor.Open());
        using Connected connected = Connected.To(hosts.A, hosts.B, TwoHosts.AddressOfB(isIPv6), 179);
        ulong cookie = Connected.CookieOf(connected.Server);
        connected.Client.Dispose();
        Assert.Equal(0, connected.Server.Receive(new byte[1]));
        connected.Server.Dispose();
        TcpSocket gone = ReadUntil(monitor, cookie);
        Assert.Equal((TcpState.Closed, isIPv6), (gone.State, !gone.Pair.Remote.IsIPv4));
        Assert.Equal(connected.ServerPair, gone.Pair);
        Assert.False(monitor.TakeLost());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ActiveCloser_EntersTimeWait_IsToldOfAndFoundStill(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.A.Space.Run(SockDiag.Open);
        using SockDiagMonitor monitor = hosts.A.Space.Run(() => SockDiagMonitor.Open());
        using Connected connected = Connected.To(hosts.A, hosts.B, TwoHosts.AddressOfB(isIPv6), 179);
        ulong cookie = Connected.CookieOf(connected.Client);
        connected.Client.Dispose();
        Assert.Equal(0, connected.Server.Receive(new byte[1]));
        connected.Server.Dispose();
        Assert.Equal(connected.ClientPair, ReadUntil(monitor, cookie).Pair);
        Wait.Until(() => diag.Find(connected.ClientPair)?.State == TcpState.TimeWait, "the connection is in TIME-WAIT");
        TcpSocket found = Assert.NotNull(diag.Find(connected.ClientPair));
        Assert.Equal((connected.ClientPair, cookie), (found.Pair, found.Cookie));
        Assert.Equal(found, Assert.Single(diag.List(TcpState.TimeWait)));
    }

    [Fact]
    public void Connection_Reset_IsToldOfWhenItsProcessClosesIt()
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        using SockDiagMonitor monitor = hosts.B.Space.Run(() => SockDiagMonitor.Open());
        using Connected connected = Connected.To(hosts.A, hosts.B, TwoHosts.B4, 179);
        ulong cookie = Connected.CookieOf(connected.Server);
        connected.Client.LingerState = new LingerOption(true, 0);
        connected.Client.Dispose();
        Assert.Equal(SocketError.ConnectionReset, Connected.ErrorOf(connected.Server));
        Assert.Null(diag.Find(connected.ServerPair));
        while (monitor.TryRead(0, out TcpSocket other))
        {
            Assert.NotEqual(cookie, other.Cookie);
        }

        connected.Server.Dispose();
        ReadUntil(monitor, cookie);
    }

    [Fact]
    public void Nothing_Happens_TimesOut()
    {
        using Host host = Host.Create();
        using SockDiagMonitor monitor = host.Space.Run(() => SockDiagMonitor.Open());
        Assert.False(monitor.TryRead(0, out _));
        Assert.False(monitor.TryRead(1, out TcpSocket gone));
        Assert.Equal(default, gone);
        Assert.False(monitor.TakeLost());
    }

    [Fact]
    public void Notifications_MoreThanTheirRoom_AreToldToBeLostOnce()
    {
        using Host host = Host.Create();
        using SockDiagMonitor large = host.Space.Run(() => SockDiagMonitor.Open());

        // the kernel serves the last subscriber first: what the large one has got, the small one got or lost before
        using SockDiagMonitor small = host.Space.Run(() => SockDiagMonitor.Open(RoomForAFew));
        using Socket listener = host.Listen(IPAddress.Loopback, 179);
        HashSet<ulong> gone = OpenAndClose(host, listener, large, Many);
        HashSet<ulong> told = ReadAll(small);
        Assert.True(told.Count > 0 && told.IsProperSubsetOf(gone), $"{told.Count} of {gone.Count} were told of");
        Assert.True(small.TakeLost());
        Assert.False(small.TakeLost());
        Assert.False(large.TakeLost());

        // and goes on
        HashSet<ulong> unread = OpenAndClose(host, listener, large, 1);
        while (unread.Count > 0)
        {
            Assert.True(small.TryRead(Wait.Milliseconds, out TcpSocket next));
            unread.Remove(next.Cookie);
        }

        Assert.False(small.TakeLost());
    }

    /// <summary>The kernel says nothing of what it drops while the rest of the queue waits: the loss may not be told before that is read.</summary>
    [Fact]
    public void Notifications_LostWhileTheRestWaits_AreGoneBeforeTheLossIsTold()
    {
        using Host host = Host.Create();
        using SockDiagMonitor large = host.Space.Run(() => SockDiagMonitor.Open());

        // the kernel serves the last subscriber first: what the large one has got, the small one got or lost before
        using SockDiagMonitor small = host.Space.Run(() => SockDiagMonitor.Open(RoomForAFew));
        using Socket listener = host.Listen(IPAddress.Loopback, 179);
        OpenAndClose(host, listener, large, Many);
        Assert.True(small.TryRead(0, out _));
        Assert.False(small.TakeLost());
        HashSet<ulong> later = OpenAndClose(host, listener, large, 1);
        Assert.False(later.Overlaps(ReadAll(small)));
        Assert.True(small.TakeLost());
    }

    /// <summary>Connections, and the cookies of both their ends when all are told to be gone.</summary>
    private static HashSet<ulong> OpenAndClose(Host host, Socket listener, SockDiagMonitor monitor, int count)
    {
        HashSet<ulong> cookies = [];
        for (int i = 0; i < count; i++)
        {
            using Connected connected = Connected.To(host, listener, new IPEndPoint(IPAddress.Loopback, 179));
            cookies.Add(Connected.CookieOf(connected.Client));
            cookies.Add(Connected.CookieOf(connected.Server));
        }

        HashSet<ulong> left = [.. cookies];
        while (left.Count > 0)
        {
            Assert.True(monitor.TryRead(Wait.Milliseconds, out TcpSocket gone), $"{left.Count} sockets were not told of");
            left.Remove(gone.Cookie);
        }

        return cookies;
    }

    private static HashSet<ulong> ReadAll(SockDiagMonitor monitor)
    {
        HashSet<ulong> told = [];
        while (monitor.TryRead(0, out TcpSocket gone))
        {
            told.Add(gone.Cookie);
        }

        return told;
    }

    private static TcpSocket ReadUntil(SockDiagMonitor monitor, ulong cookie)
    {
        TcpSocket gone;
        do
        {
            Assert.True(monitor.TryRead(Wait.Milliseconds, out gone), $"socket {cookie} was not told of; lost: {monitor.TakeLost()}");
        }
        while (gone.Cookie != cookie);
        return gone;
    }
}
