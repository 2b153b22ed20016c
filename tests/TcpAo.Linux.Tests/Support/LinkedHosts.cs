using System.Net;
using TcpAo.Linux.Links;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Linux.Tests.Support;

/// <summary>Two hosts and a link between them that the test carries itself.</summary>
internal sealed class LinkedHosts : IDisposable
{
    private const string Wire = "wire";

    private readonly Host _middle;

    public LinkedHosts(SoftLinkOptions? options = null, SoftLinkFilter? filter = null)
    {
        A = Host.Create();
        B = Host.Create();
        _middle = Host.Create();
        _middle.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair("to-a", Wire, A.Space);
            route.AddVethPair("to-b", Wire, B.Space);
            route.SetUp("to-a");
            route.SetUp("to-b");
        }));
        Configure(A, TwoHosts.A4, TwoHosts.A6);
        Configure(B, TwoHosts.B4, TwoHosts.B6);
        Link = _middle.Space.Run(() => SoftLink.Open("to-a", "to-b", options, filter));
    }

    public Host A { get; }

    public Host B { get; }

    public SoftLink Link { get; }

    public void Dispose()
    {
        Link.Dispose();
        A.Dispose();
        B.Dispose();
        _middle.Dispose();
    }

    private static void Configure(Host host, IPAddress v4, IPAddress v6) => host.Space.Run(() => RouteSocket.Use(route =>
    {
        SegmentationOffload.Disable(Wire);
        route.SetUp(Wire);
        route.AddAddress(Wire, v4, 24);
        route.AddAddress(Wire, v6, 64);
    }));
}
