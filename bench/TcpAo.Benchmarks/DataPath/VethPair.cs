using System.Net;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Benchmarks.DataPath;

/// <summary>Two network namespaces and a veth pair between them, MTU 1500, with segmentation offload off: what a signed session can at best compare with.</summary>
internal sealed class VethPair : IDisposable
{
    private const string Link = "wire";

    public static readonly IPAddress AddressOfA = IPAddress.Parse("192.0.2.1");
    public static readonly IPAddress AddressOfB = IPAddress.Parse("192.0.2.2");

    public VethPair()
    {
        A = NetworkNamespace.Create();
        B = NetworkNamespace.Create();
        A.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair(Link, Link, B);
            Configure(route, AddressOfA);
        }));
        B.Run(() => RouteSocket.Use(route => Configure(route, AddressOfB)));
    }

    public NetworkNamespace A { get; }

    public NetworkNamespace B { get; }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    private static void Configure(RouteSocket route, IPAddress address)
    {
        route.SetUp("lo");
        route.SetUp(Link);
        route.AddAddress(Link, address, 24);
        SegmentationOffload.Disable(Link);
    }
}
