using System.Net;
using TcpAo.Linux.Namespaces;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>Two hosts with a router between them whose way to B is narrower than the links are, so that nobody knows before the router says so.</summary>
internal sealed class RoutedLab : IDisposable
{
    private static readonly IPAddress s_routerA4 = IPAddress.Parse("198.51.100.254");
    private static readonly IPAddress s_routerA6 = IPAddress.Parse("2001:db8:a::fe");
    private static readonly IPAddress s_routerB4 = IPAddress.Parse("203.0.113.254");
    private static readonly IPAddress s_routerB6 = IPAddress.Parse("2001:db8:b::fe");

    private static readonly IPAddress s_a4 = IPAddress.Parse("198.51.100.1");
    private static readonly IPAddress s_a6 = IPAddress.Parse("2001:db8:a::1");
    private static readonly IPAddress s_b4 = IPAddress.Parse("203.0.113.2");
    private static readonly IPAddress s_b6 = IPAddress.Parse("2001:db8:b::2");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpao-test-");

    /// <param name="pathMtu">MTU of the router's way to B.</param>
    /// <param name="peerings">What is protected.</param>
    public RoutedLab(int pathMtu, params Peering[] peerings)
    {
        A = Host.Create();
        B = Host.Create();
        Router = Host.Create();
        A.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair("up", "a", Router.Space);
            Configure(route, "up", s_a4, s_a6);
            route.AddRoute(IPAddress.Any, 0, s_routerA4, "up");
            route.AddRoute(IPAddress.IPv6Any, 0, s_routerA6, "up");
        }));
        B.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair("up", "b", Router.Space);
            Configure(route, "up", s_b4, s_b6);
        }));
        Router.Space.Run(() => RouteSocket.Use(route =>
        {
            Configure(route, "a", s_routerA4, s_routerA6);
            Configure(route, "b", s_routerB4, s_routerB6);
            route.AddRoute(s_b4, 32, null, "b", pathMtu);
            route.AddRoute(s_b6, 128, null, "b", pathMtu);
        }));
        B.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddRoute(IPAddress.Any, 0, s_routerB4, "up");
            route.AddRoute(IPAddress.IPv6Any, 0, s_routerB6, "up");
        }));
        Router.SetSysctl("net/ipv4/ip_forward", "1");
        Router.SetSysctl("net/ipv6/conf/all/forwarding", "1");
        Tap = new WireTap(B);
        RunA = new TcpaoProcess(A, _folder.FullName, "a");
        RunB = new TcpaoProcess(B, _folder.FullName, "b");
        RunA.Write(Peering.Configuration(peerings, s_b4, s_b6, isMirrored: false));
        RunB.Write(Peering.Configuration(peerings, s_a4, s_a6, isMirrored: true));
    }

    public Host A { get; }

    public Host B { get; }

    public Host Router { get; }

    public WireTap Tap { get; }

    public TcpaoProcess RunA { get; }

    public TcpaoProcess RunB { get; }

    public static IPAddress AddressOfB(bool isIPv6) => isIPv6 ? s_b6 : s_b4;

    public void Start()
    {
        RunA.Start();
        RunB.Start();
        RunA.WaitFor("protecting");
        RunB.WaitFor("protecting");
    }

    public void Dispose()
    {
        RunA.Dispose();
        RunB.Dispose();
        Tap.Dispose();
        A.Dispose();
        B.Dispose();
        Router.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void Configure(RouteSocket route, string link, IPAddress v4, IPAddress v6)
    {
        route.SetUp(link);
        route.AddAddress(link, v4, 24);
        route.AddAddress(link, v6, 64);
    }
}
