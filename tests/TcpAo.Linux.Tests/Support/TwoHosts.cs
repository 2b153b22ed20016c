using System.Net;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Linux.Tests.Support;

/// <summary>Two hosts and a wire between them, each with an IPv4 and an IPv6 address.</summary>
internal sealed class TwoHosts : IDisposable
{
    public const string Wire = "wire";

    public static readonly IPAddress A4 = IPAddress.Parse("10.59.25.1");
    public static readonly IPAddress B4 = IPAddress.Parse("10.59.25.2");
    public static readonly IPAddress A6 = IPAddress.Parse("fd59:25::1");
    public static readonly IPAddress B6 = IPAddress.Parse("fd59:25::2");

    public TwoHosts()
    {
        A = Host.Create();
        B = Host.Create();
        A.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair(Wire, Wire, B.Space);
            Configure(route, A4, A6);
        }));
        B.Space.Run(() => RouteSocket.Use(route => Configure(route, B4, B6)));
    }

    public Host A { get; }

    public Host B { get; }

    public static IPAddress AddressOfA(bool isIPv6) => isIPv6 ? A6 : A4;

    public static IPAddress AddressOfB(bool isIPv6) => isIPv6 ? B6 : B4;

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    private static void Configure(RouteSocket route, IPAddress v4, IPAddress v6)
    {
        route.SetUp(Wire);
        route.AddAddress(Wire, v4, 24);
        route.AddAddress(Wire, v6, 64);
    }
}
