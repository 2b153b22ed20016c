using System.Net;
using TcpAo.Linux.Namespaces;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>Two hosts, a wire between them, a tap on it, and a <c>tcpao run</c> in each that the test starts.</summary>
internal sealed class Lab : IDisposable
{
    public const ushort Port = 179;
    public const string Link = "wire";

    public static readonly IPAddress A4 = IPAddress.Parse("192.0.2.1");
    public static readonly IPAddress B4 = IPAddress.Parse("192.0.2.2");
    public static readonly IPAddress A6 = IPAddress.Parse("2001:db8::1");
    public static readonly IPAddress B6 = IPAddress.Parse("2001:db8::2");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpao-test-");

    public Lab()
    {
        A = Host.Create();
        B = Host.Create();
        A.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair(Link, Link, B.Space);
            Configure(route, A4, A6);
        }));
        B.Space.Run(() => RouteSocket.Use(route => Configure(route, B4, B6)));
        Tap = new WireTap(B);
        RunA = new TcpaoProcess(A, _folder.FullName, "a");
        RunB = new TcpaoProcess(B, _folder.FullName, "b");
    }

    public Host A { get; }

    public Host B { get; }

    public WireTap Tap { get; }

    public TcpaoProcess RunA { get; }

    public TcpaoProcess RunB { get; }

    public static IPAddress AddressOfA(bool isIPv6) => isIPv6 ? A6 : A4;

    public static IPAddress AddressOfB(bool isIPv6) => isIPv6 ? B6 : B4;

    /// <summary>A lab in which both ends protect peers that mirror each other.</summary>
    public static Lab Protected(params Peering[] peerings)
    {
        var lab = new Lab();
        try
        {
            lab.Configure(peerings);
            lab.Start();
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>Writes both configurations.</summary>
    public void Configure(params Peering[] peerings)
    {
        RunA.Write(Peering.Configuration(peerings, B4, B6, isMirrored: false));
        RunB.Write(Peering.Configuration(peerings, A4, A6, isMirrored: true));
    }

    /// <summary>Starts both ends; returns when both protect.</summary>
    public void Start()
    {
        RunA.Start();
        RunB.Start();
        RunA.WaitFor("protecting");
        RunB.WaitFor("protecting");
    }

    /// <summary>A datagram arrives: whatever was sent before it on the same way has arrived too, or never will.</summary>
    public void AssertUdpPasses(bool fromA = true)
    {
        using var to = (fromA ? B : A).Udp(fromA ? B4 : A4, Port);
        using var from = (fromA ? A : B).Udp(fromA ? A4 : B4, Port);
        from.SendTo("udp"u8, new IPEndPoint(fromA ? B4 : A4, Port));
        Xunit.Assert.Equal(3, to.Receive(new byte[3]));
    }

    public void Dispose()
    {
        RunA.Dispose();
        RunB.Dispose();
        Tap.Dispose();
        A.Dispose();
        B.Dispose();
        _folder.Delete(recursive: true);
    }

    private static void Configure(RouteSocket route, IPAddress v4, IPAddress v6)
    {
        route.SetUp(Link);
        route.AddAddress(Link, v4, 24);
        route.AddAddress(Link, v6, 64);
    }
}
