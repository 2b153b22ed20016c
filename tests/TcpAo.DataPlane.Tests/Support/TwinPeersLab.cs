using System.Net;
using System.Net.Sockets;
using TcpAo.Linux;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>A host with two links to two others. Both others have one address, and this host has one on both links: link-local ones, or each link is in a VRF.</summary>
internal sealed class TwinPeersLab : IDisposable
{
    public const string Left = "left";
    public const string Right = "right";
    public const int ClientPort = 40_000;

    public static readonly Peering LeftKeys = new(Lab.Port, new Key(1, 2));
    public static readonly Peering RightKeys = new(Lab.Port, new Key(3, 4, Secret: "another secret than that of the left one"));

    private const string FarLink = "wire";
    private const string Elsewhere = "elsewhere";
    private const int SolSocket = 1;
    private const int SoBindToDevice = 25;
    private const int NotSupported = 95;

    private readonly Twins _kind;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpao-test-");

    public TwinPeersLab(Twins kind, bool withRight = true)
    {
        _kind = kind;
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

    public bool IsVrf => _kind is not Twins.LinkLocal;

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

    public void DisconnectRight() => A.Space.Run(() => RouteSocket.Use(route =>
    {
        route.Delete(Right);
        if (IsVrf)
        {
            route.Delete(ScopeOf(Right));
        }
    }));

    /// <summary>The right link has another name, or is in no VRF.</summary>
    public void MoveRightAway() => A.Space.Run(() => RouteSocket.Use(route =>
    {
        if (IsVrf)
        {
            route.SetMaster(Right, null);
        }
        else
        {
            route.Rename(Right, Elsewhere);
        }
    }));

    /// <summary>The right link is what it was, and the connection attempt follows at once.</summary>
    public (Socket Near, Socket Far) MoveRightBackAndOpen()
    {
        using Socket listener = Listen(Right);
        A.Space.Run(() => RouteSocket.Use(route =>
        {
            if (IsVrf)
            {
                route.SetMaster(Right, ScopeOf(Right));
                if (_kind is Twins.Vrf6)
                {
                    // the kernel has taken it away
                    Configure(route, Right, Near);
                }
            }
            else
            {
                route.Rename(Elsewhere, Right);
            }
        }));
        Socket near = Bound(Right, 0);
        Wait.For(near.ConnectAsync(new IPEndPoint(On(A, Right, Far), Lab.Port), TestContext.Current.CancellationToken).AsTask());
        return (near, Transfer.Accept(listener));
    }

    /// <summary>The interface or VRF by which A's peer behind a link is known.</summary>
    public string ScopeOf(string link) => IsVrf ? $"vrf-{link}" : link;

    /// <summary>A's peers: nothing but the interface or VRF tells them apart.</summary>
    public string Configuration(params (string Link, Peering Keys)[] peers)
    {
        var chains = new System.Text.StringBuilder("key-chains:\n");
        string list = string.Concat(peers.Select(peer => $"  - {{ name: {peer.Link}, remote: \"{Far}\", {(IsVrf ? "vrf" : "interface")}: {ScopeOf(peer.Link)}, remote-port: {Lab.Port}, key-chain: {peer.Link} }}\n"));
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

    /// <summary>A connection by a link, by either from the same port of A.</summary>
    public (Socket Near, Socket Far) Open(string link, int port = ClientPort)
    {
        using Socket listener = Listen(link);
        Socket near = Begin(link, out Task connect, port);
        if (!connect.Wait(Wait.Milliseconds, TestContext.Current.CancellationToken))
        {
            Assert.Fail($"No connection by {link}. It was told of:\n{string.Join('\n', RunA.Log, RunB.Log, RunC.Log, string.Join('\n', TapOf(link).OfPort(Lab.Port)))}");
        }

        return (near, Transfer.Accept(listener));
    }

    /// <summary>A connection attempt by a link.</summary>
    public Socket Begin(string link, out Task connect, int port = ClientPort)
    {
        Socket socket = Bound(link, port);
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

    private IPAddress Near => IPAddress.Parse(_kind switch { Twins.LinkLocal => "fe80::59:a", Twins.Vrf6 => "2001:db8:59::a", _ => "198.51.100.1" });

    private IPAddress Far => IPAddress.Parse(_kind switch { Twins.LinkLocal => "fe80::59:b", Twins.Vrf6 => "2001:db8:59::b", _ => "198.51.100.2" });

    private Socket Listen(string link) => Behind(link).Listen(On(Behind(link), FarLink, Far), Lab.Port);

    private Socket Bound(string link, int port)
    {
        Socket socket = A.Tcp(Near.AddressFamily);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        if (IsVrf)
        {
            socket.SetRawSocketOption(SolSocket, SoBindToDevice, System.Text.Encoding.ASCII.GetBytes(ScopeOf(link)));
        }

        socket.Bind(new IPEndPoint(On(A, link, Near), port));
        return socket;
    }

    private string FarConfiguration(Peering keys)
    {
        var chains = new System.Text.StringBuilder("key-chains:\n");
        keys.WriteChain(chains, isMirrored: true, "near");
        return $"{chains}peers:\n  - {{ name: near, remote: \"{Near}\", local-port: {Lab.Port}, key-chain: near }}\n";
    }

    private IPAddress On(Host host, string link, IPAddress address)
    {
        if (IsVrf)
        {
            return address;
        }

        int index = 0;
        host.Space.Run(() => RouteSocket.Use(route => index = route.IndexOf(link)));
        return new IPAddress(address.GetAddressBytes(), index);
    }

    private static void Configure(RouteSocket route, string link, IPAddress address)
    {
        route.SetUp(link);
        route.AddAddress(link, address, address.AddressFamily is AddressFamily.InterNetwork ? 24 : 64);
    }

    private void Connect(string link, Host other)
    {
        A.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair(link, FarLink, other.Space);
            if (IsVrf)
            {
                AddVrf(route, link);
            }

            Configure(route, link, Near);
        }));
        other.Space.Run(() => RouteSocket.Use(route => Configure(route, FarLink, Far)));
    }

    private void AddVrf(RouteSocket route, string link)
    {
        try
        {
            route.AddVrf(ScopeOf(link), link is Left ? 59 : 60);
        }
        catch (LinuxException error) when (error.Errno == NotSupported)
        {
            Assert.Skip($"{error.Message}");
        }

        route.SetUp(ScopeOf(link));
        route.SetMaster(link, ScopeOf(link));
    }
}
