using System.Net;
using System.Net.Sockets;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Tests.Namespaces;
using TcpAo.Linux.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Diagnostics;

/// <summary>Which socket is it, from the first SYN to TIME-WAIT.</summary>
public sealed class FindTests
{
    private const int IpProtoTcp = 6;
    private const int TcpDeferAccept = 9;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pair_Established_IsFoundAtBothEnds(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiag diagOfA = hosts.A.Space.Run(SockDiag.Open);
        using SockDiag diagOfB = hosts.B.Space.Run(SockDiag.Open);
        using Connected connected = Connected.To(hosts.A, hosts.B, TwoHosts.AddressOfB(isIPv6), 179);
        AssertFound(diagOfA, connected.ClientPair, TcpState.Established, connected.Client);
        AssertFound(diagOfB, connected.ServerPair, TcpState.Established, connected.Server);
        Assert.Null(diagOfA.Find(connected.ServerPair));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pair_UnknownWithAListenerForIt_IsNotFound(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        IPAddress any = isIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        using Socket listener = hosts.B.Listen(any, 179);
        IpAddressBits local = IpAddressBits.From(TwoHosts.AddressOfB(isIPv6));
        Assert.Null(diag.Find(new SocketPair(local, IpAddressBits.From(TwoHosts.AddressOfA(isIPv6)), 179, 4000)));
        Assert.Null(diag.Find(new SocketPair(IpAddressBits.From(any), IpAddressBits.From(any), 179, 0)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pair_SynSent_IsTheSocketThatConnects(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.A.Space.Run(SockDiag.Open);

        // B forwards nothing and says nothing of it
        IPAddress beyond = IPAddress.Parse(isIPv6 ? "fd59:26::1" : "10.59.26.1");
        hosts.A.Space.Run(() => RouteSocketUse.AddRoute(beyond.ToString(), isIPv6 ? 128 : 32, TwoHosts.AddressOfB(isIPv6).ToString()));
        using Socket socket = hosts.A.Tcp(beyond.AddressFamily);
        socket.Bind(new IPEndPoint(TwoHosts.AddressOfA(isIPv6), 4000));
        socket.Blocking = false;
        Assert.Equal(SocketError.WouldBlock, Assert.Throws<SocketException>(() => socket.Connect(beyond, 179)).SocketErrorCode);
        SocketPair pair = new(IpAddressBits.From(TwoHosts.AddressOfA(isIPv6)), IpAddressBits.From(beyond), 4000, 179);
        AssertFound(diag, pair, TcpState.SynSent, socket);
        Assert.Equal(pair, Assert.Single(diag.List(TcpState.SynSent)).Pair);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pair_SynReceived_HasTheCookieOfTheAcceptedSocket(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        using Socket listener = hosts.B.Listen(TwoHosts.AddressOfB(isIPv6), 179);

        // the kernel waits for data before it makes a socket of the request
        listener.SetRawSocketOption(IpProtoTcp, TcpDeferAccept, BitConverter.GetBytes(60));
        using Socket client = hosts.A.Tcp(listener.AddressFamily);
        client.Connect(TwoHosts.AddressOfB(isIPv6), 179);
        SocketPair pair = Connected.PairOf((IPEndPoint)client.RemoteEndPoint!, (IPEndPoint)client.LocalEndPoint!);
        TcpSocket request = Assert.NotNull(diag.Find(pair));
        Assert.Equal((pair, TcpState.SynReceived), (request.Pair, request.State));
        client.Send("x"u8);
        using Socket server = Transfer.Accept(listener);
        Assert.Equal(Connected.CookieOf(server), request.Cookie);
        AssertFound(diag, pair, TcpState.Established, server);
    }

    [Fact]
    public void Pair_SameEndsLater_HasAnotherCookie()
    {
        using Host host = Host.Create();
        using SockDiag diag = host.Space.Run(SockDiag.Open);
        using Socket listener = host.Listen(IPAddress.Loopback, 179);
        SocketPair pair = default;
        HashSet<ulong> cookies = [];
        for (int i = 0; i < 3; i++)
        {
            using Socket client = host.Tcp(AddressFamily.InterNetwork);
            client.LingerState = new LingerOption(true, 0);
            client.Bind(new IPEndPoint(IPAddress.Loopback, 4000));
            client.Connect(IPAddress.Loopback, 179);
            pair = Connected.PairOf((IPEndPoint)client.LocalEndPoint!, (IPEndPoint)client.RemoteEndPoint!);
            cookies.Add(Assert.NotNull(diag.Find(pair)).Cookie);
            Transfer.Accept(listener).Dispose();
        }

        Assert.Null(diag.Find(pair));
        Assert.Equal(3, cookies.Count);
    }

    [Fact]
    public void Pair_OfLinkLocalAddresses_IsFoundWithItsInterface()
    {
        using TwoHosts hosts = new();
        IPAddress a = IPAddress.Parse("fe80::59:1");
        IPAddress b = IPAddress.Parse("fe80::59:2");
        int indexOfA = Configure(hosts.A, a);
        int indexOfB = Configure(hosts.B, b);
        using SockDiag diag = hosts.A.Space.Run(SockDiag.Open);
        using Socket listener = hosts.B.Listen(new IPAddress(b.GetAddressBytes(), indexOfB), 179);
        using Connected connected = Connected.To(hosts.A, listener, new IPEndPoint(new IPAddress(b.GetAddressBytes(), indexOfA), 179));
        Assert.Null(diag.Find(connected.ClientPair));
        TcpSocket found = Assert.NotNull(diag.Find(connected.ClientPair, indexOfA));
        Assert.Equal((Connected.CookieOf(connected.Client), indexOfA), (found.Cookie, found.InterfaceIndex));

        // what is listed has the interface in its pair, and is found and ended by that alone
        TcpSocket listed = Assert.Single(diag.List());
        Assert.Equal(connected.ClientPair with { Vrf = indexOfA }, listed.Pair);
        Assert.Equal(listed, diag.Find(listed.Pair));
        Assert.Null(diag.Find(listed.Pair with { Vrf = indexOfA + 1 }));
        Assert.True(diag.Destroy(listed.Pair, found.Cookie));
    }

    [Fact]
    public void Pair_BoundToNoInterface_IsFoundWithAnyInterface()
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.A.Space.Run(SockDiag.Open);
        using Connected connected = Connected.To(hosts.A, hosts.B, TwoHosts.B4, 179);
        Assert.Equal(Connected.CookieOf(connected.Client), diag.Find(connected.ClientPair, 1)?.Cookie);
        Assert.Equal(connected.ClientPair with { Vrf = 7 }, diag.Find(connected.ClientPair with { Vrf = 7 })?.Pair);
    }

    [Fact]
    public void Lookups_Thousands_AllocateNothing()
    {
        using Host host = Host.Create();
        using SockDiag diag = host.Space.Run(SockDiag.Open);
        using Connected connected = Connected.To(host, host, IPAddress.Loopback, 179);
        int found = Count(diag, connected.ClientPair);
        long before = GC.GetAllocatedBytesForCurrentThread();
        found += Count(diag, connected.ClientPair);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2000, found);
    }

    private static int Count(SockDiag diag, SocketPair pair)
    {
        int found = 0;
        for (int i = 0; i < 1000; i++)
        {
            found += diag.Find(pair) is null ? 0 : 1;
        }

        return found;
    }

    private static int Configure(Host host, IPAddress address) => host.Space.Run(() =>
    {
        using RouteSocket route = RouteSocket.Open();
        route.AddAddress(TwoHosts.Wire, address, 64);
        return route.IndexOf(TwoHosts.Wire);
    });

    private static void AssertFound(SockDiag diag, SocketPair pair, TcpState state, Socket socket)
    {
        TcpSocket found = Assert.NotNull(diag.Find(pair));
        Assert.Equal((pair, state, Connected.CookieOf(socket)), (found.Pair, found.State, found.Cookie));
    }
}
