using System.Net;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Linux.Tests.Namespaces;

/// <summary>Routes in one line.</summary>
internal static class RouteSocketUse
{
    public static void AddRoute(string destination, int prefixLength, string gateway) =>
        RouteSocket.Use(route => route.AddRoute(IPAddress.Parse(destination), prefixLength, IPAddress.Parse(gateway), null));
}
