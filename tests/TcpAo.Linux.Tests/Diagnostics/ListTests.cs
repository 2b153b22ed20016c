using System.Net;
using System.Net.Sockets;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Diagnostics;

/// <summary>The sockets of a namespace as sock_diag lists them.</summary>
public sealed class ListTests
{
    [Fact]
    public void List_NamespaceWithoutSockets_IsEmpty()
    {
        using Host host = Host.Create();
        using SockDiag diag = host.Space.Run(SockDiag.Open);
        Assert.Empty(diag.List());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void List_Listener_HasItsAddressAndOwner(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        using Socket listener = hosts.B.Listen(TwoHosts.AddressOfB(isIPv6), 179);
        TcpSocket socket = Assert.Single(diag.List());
        IpAddressBits any = IpAddressBits.From(isIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        Assert.Equal(new SocketPair(IpAddressBits.From(TwoHosts.AddressOfB(isIPv6)), any, 179, 0), socket.Pair);
        Assert.Equal((TcpState.Listen, Connected.CookieOf(listener), 0), (socket.State, socket.Cookie, socket.InterfaceIndex));
        Assert.Equal($"socket:[{socket.Inode}]", File.ResolveLinkTarget($"/proc/self/fd/{listener.Handle}", false)!.Name);
        Assert.Equal(OwnUid(), socket.Uid);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void List_ConnectedPair_HasEachEndInItsNamespace(bool isIPv6)
    {
        using TwoHosts hosts = new();
        using SockDiag diagOfA = hosts.A.Space.Run(SockDiag.Open);
        using SockDiag diagOfB = hosts.B.Space.Run(SockDiag.Open);
        using Connected connected = Connected.To(hosts.A, hosts.B, TwoHosts.AddressOfB(isIPv6), 179);
        TcpSocket client = Assert.Single(diagOfA.List());
        TcpSocket server = Assert.Single(diagOfB.List());
        Assert.Equal((connected.ClientPair, TcpState.Established), (client.Pair, client.State));
        Assert.Equal((connected.ServerPair, TcpState.Established), (server.Pair, server.State));
        Assert.Equal(Connected.CookieOf(connected.Client), client.Cookie);
        Assert.Equal(Connected.CookieOf(connected.Server), server.Cookie);
    }

    [Fact]
    public void List_IPv4OverAnIPv6Socket_IsIPv4()
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        using Socket listener = ListenDual(hosts.B);
        using Connected connected = Connected.To(hosts.A, listener, new IPEndPoint(TwoHosts.B4, 179));
        TcpSocket server = Assert.Single(diag.List(TcpState.Established));
        Assert.True(server.Pair.Local.IsIPv4);
        Assert.Equal((connected.ServerPair, Connected.CookieOf(connected.Server)), (server.Pair, server.Cookie));
        Assert.Equal(server, diag.Find(connected.ServerPair));
    }

    [Fact]
    public void List_OfSomeStates_LeavesTheOthersOut()
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        using Socket listener = hosts.B.Listen(TwoHosts.B4, 179);
        using Connected connected = Connected.To(hosts.A, listener, new IPEndPoint(TwoHosts.B4, 179));
        Assert.Equal(TcpState.Listen, Assert.Single(diag.List(TcpState.Listen)).State);
        Assert.Equal(TcpState.Established, Assert.Single(diag.List(TcpState.Established)).State);
        Assert.Equal(2, diag.List(TcpState.Established, TcpState.Listen).Count);
        Assert.Empty(diag.List(TcpState.SynSent));
    }

    [Fact]
    public void List_SynOfAHostThatIsNotThere_IsInSynReceived()
    {
        using TwoHosts hosts = new();
        using SockDiag diag = hosts.B.Space.Run(SockDiag.Open);
        using Socket listener = hosts.B.Listen(TwoHosts.B4, 179);
        using PacketForge forge = new(hosts.A);
        IPAddress nobody = IPAddress.Parse("10.59.25.9");
        forge.Send(PacketForge.Tcp(nobody, TwoHosts.B4, 4000, 179));
        SocketPair pair = new(IpAddressBits.From(TwoHosts.B4), IpAddressBits.From(nobody), 179, 4000);
        Wait.Until(() => diag.Find(pair) is not null, "the SYN is there");
        TcpSocket socket = Assert.Single(diag.List(TcpState.SynReceived));
        Assert.Equal((pair, TcpState.SynReceived), (socket.Pair, socket.State));
        Assert.Contains(socket, diag.List());
    }

    [Fact]
    public void List_OfManyDatagrams_HasEachSocketOnce()
    {
        const int count = 600;
        using Host host = Host.Create();
        using SockDiag diag = host.Space.Run(SockDiag.Open);
        using Socket listener = host.Listen(IPAddress.Loopback, 179);
        List<Connected> all = [];
        try
        {
            for (int i = 0; i < count; i++)
            {
                all.Add(Connected.To(host, listener, new IPEndPoint(IPAddress.Loopback, 179)));
            }

            HashSet<ulong> cookies = [.. all.SelectMany(one => new[] { Connected.CookieOf(one.Client), Connected.CookieOf(one.Server) })];
            IReadOnlyList<TcpSocket> listed = diag.List(TcpState.Established);
            Assert.Equal(2 * count, listed.Count);
            Assert.True(cookies.SetEquals(listed.Select(socket => socket.Cookie)));
        }
        finally
        {
            all.ForEach(one => one.Dispose());
        }
    }

    private static Socket ListenDual(Host host) => host.Space.Run(() =>
    {
        Socket socket = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 179));
        socket.Listen(64);
        return socket;
    });

    private static uint OwnUid()
    {
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("Uid:", StringComparison.Ordinal));
        return uint.Parse(line.Split('\t')[2], System.Globalization.CultureInfo.InvariantCulture);
    }
}
