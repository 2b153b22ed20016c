using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>A host with two links to two others. Both others have one link-local address, and this host has one on both links.</summary>
internal sealed class LinkLocalLab : IDisposable
{
    public const string Left = "left";
    public const string Right = "right";
    public const int ClientPort = 40_000;

    public static readonly IPAddress Near = IPAddress.Parse("fe80::59:a");
    public static readonly IPAddress Far = IPAddress.Parse("fe80::59:b");

    public static readonly Peering LeftKeys = new(Lab.Port, new Key(1, 2));
    public static readonly Peering RightKeys = new(Lab.Port, new Key(3, 4, Secret: "another secret than that of the left one"));

    private const string FarLink = "wire";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpao-test-");

    public LinkLocalLab(bool withRight = true)
    {
        A = Host.Create();
        B = Host.Create();
        C = Host.Create();
        Connect(Left, B);
        if (withRight)
        {
            ConnectRight();
        }

        LeftTap = new WireTap(B);
        RightTap = new WireTap(C);
        RunA = new TcpaoProcess(A, _folder.FullName, "a");
        RunB = new TcpaoProcess(B, _folder.FullName, "b");
        RunC = new TcpaoProcess(C, _folder.FullName, "c");
        RunA.Write(Configuration((Left, LeftKeys), (Right, RightKeys)));
        RunB.Write(FarConfiguration(LeftKeys));
        RunC.Write(FarConfiguration(RightKeys));
    }

    public Host A { get; }

    public Host B { get; }

    public Host C { get; }

    public WireTap LeftTap { get; }

    public WireTap RightTap { get; }

    public TcpaoProcess RunA { get; }

    public TcpaoProcess RunB { get; }

    public TcpaoProcess RunC { get; }

    /// <summary>The host at the other end of a link of A.</summary>
    public Host Behind(string link) => link is Left ? B : C;

    public WireTap TapOf(string link) => link is Left ? LeftTap : RightTap;

    public void ConnectRight() => Connect(Right, C);

    public void DisconnectRight() => A.Space.Run(() => RouteSocket.Use(route => route.Delete(Right)));

    /// <summary>A's peers: nothing but the interface tells them apart.</summary>
    public static string Configuration(params (string Link, Peering Keys)[] peers)
    {
        var chains = new System.Text.StringBuilder("key-chains:\n");
        string list = string.Concat(peers.Select(peer => $"  - {{ name: {peer.Link}, remote: \"{Far}\", interface: {peer.Link}, remote-port: {Lab.Port}, key-chain: {peer.Link} }}\n"));
        foreach ((string link, Peering keys) in peers)
        {
            keys.WriteChain(chains, isMirrored: false, link);
        }

        return $"{chains}peers:\n{list}";
    }

    public void Start()
    {
        TcpaoProcess[] all = [RunA, RunB, RunC];
        foreach (TcpaoProcess one in all)
        {
            one.Start();
        }

        foreach (TcpaoProcess one in all)
        {
            one.WaitFor("protecting");
        }
    }

    /// <summary>A connection by a link, always from the same port of A.</summary>
    public (Socket Near, Socket Far) Open(string link)
    {
        using Socket listener = Behind(link).Listen(On(Behind(link), FarLink, Far), Lab.Port);
        Socket near = Begin(link, out Task connect);
        Wait.For(connect);
        return (near, Transfer.Accept(listener));
    }

    /// <summary>A connection attempt by a link.</summary>
    public Socket Begin(string link, out Task connect)
    {
        Socket socket = A.Tcp(AddressFamily.InterNetworkV6);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(On(A, link, Near), ClientPort));
        connect = socket.ConnectAsync(new IPEndPoint(On(A, link, Far), Lab.Port), TestContext.Current.CancellationToken).AsTask();
        return socket;
    }

    /// <summary>Everything of a link was signed, by each end with its own key.</summary>
    public void AssertSigned(string link, Peering keys)
    {
        IReadOnlyList<SeenSegment> seen = TapOf(link).OfPort(Lab.Port);
        Assert.NotEmpty(seen);
        Assert.All(seen, segment => Assert.Equal((true, segment.Source.Equals(Near) ? keys.Keys[0].SendId : keys.Keys[0].RecvId), (segment.HasAo, segment.KeyId)));
    }

    public void Dispose()
    {
        RunA.Dispose();
        RunB.Dispose();
        RunC.Dispose();
        LeftTap.Dispose();
        RightTap.Dispose();
        A.Dispose();
        B.Dispose();
        C.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string FarConfiguration(Peering keys)
    {
        var chains = new System.Text.StringBuilder("key-chains:\n");
        keys.WriteChain(chains, isMirrored: true, "near");
        return $"{chains}peers:\n  - {{ name: near, remote: \"{Near}\", local-port: {Lab.Port}, key-chain: near }}\n";
    }

    private static IPAddress On(Host host, string link, IPAddress address)
    {
        int index = 0;
        host.Space.Run(() => RouteSocket.Use(route => index = route.IndexOf(link)));
        return new IPAddress(address.GetAddressBytes(), index);
    }

    private static void Configure(RouteSocket route, string link, IPAddress address)
    {
        route.SetUp(link);
        route.AddAddress(link, address, 64);
    }

    private void Connect(string link, Host other)
    {
        A.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair(link, FarLink, other.Space);
            Configure(route, link, Near);
        }));
        other.Space.Run(() => RouteSocket.Use(route => Configure(route, FarLink, Far)));
    }
}
