using System.Net;
using TcpAo.Linux.Links;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Cli.Bench.DataPath;

/// <summary>Two network namespaces and a veth pair between them, MTU 1500; with segmentation offload off unless said: what a signed session can at best compare with.</summary>
internal sealed class VethPair : IDisposable
{
    private const string Link = "wire";

    public static readonly IPAddress AddressOfA = IPAddress.Parse("192.0.2.1");
    public static readonly IPAddress AddressOfB = IPAddress.Parse("192.0.2.2");

    /// <summary>Another address of the host B, which no configuration names; A has one beside it.</summary>
    public static readonly IPAddress OtherAddressOfB = IPAddress.Parse("198.51.100.2");

    private static readonly IPAddress s_otherAddressOfA = IPAddress.Parse("198.51.100.1");

    private readonly NetworkNamespace? _middle;
    private readonly SoftLink? _link;

    /// <param name="impairment">What happens to frames between the two; null for a wire.</param>
    /// <param name="hasOffload">Whether the kernel's TCP may hand over many segments as one packet, as a host does by default.</param>
    public VethPair(SoftLinkOptions? impairment = null, bool hasOffload = false)
    {
        A = NetworkNamespace.Create();
        B = NetworkNamespace.Create();
        if (impairment is null)
        {
            A.Run(() => RouteSocket.Use(route => route.AddVethPair(Link, Link, B)));
        }
        else
        {
            _middle = NetworkNamespace.Create();
            _middle.Run(() => RouteSocket.Use(route =>
            {
                route.AddVethPair("to-a", Link, A);
                route.AddVethPair("to-b", Link, B);
                route.SetUp("to-a");
                route.SetUp("to-b");
            }));
            _link = _middle.Run(() => SoftLink.Open("to-a", "to-b", impairment));
        }

        A.Run(() => RouteSocket.Use(route => Configure(route, AddressOfA, s_otherAddressOfA, hasOffload)));
        B.Run(() => RouteSocket.Use(route => Configure(route, AddressOfB, OtherAddressOfB, hasOffload)));
    }

    public NetworkNamespace A { get; }

    public NetworkNamespace B { get; }

    public void Dispose()
    {
        _link?.Dispose();
        _middle?.Dispose();
        A.Dispose();
        B.Dispose();
    }

    private static void Configure(RouteSocket route, IPAddress address, IPAddress otherAddress, bool hasOffload)
    {
        route.SetUp("lo");
        route.SetUp(Link);
        route.AddAddress(Link, address, 24);
        route.AddAddress(Link, otherAddress, 24);
        if (!hasOffload)
        {
            SegmentationOffload.Disable(Link);
        }
    }
}
