using System.Net;
using System.Net.NetworkInformation;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Namespaces;

/// <summary>Namespaces belong to threads, and links, addresses and routes to namespaces.</summary>
public sealed class NetworkNamespaceTests
{
    [Fact]
    public void Namespace_Created_IsApartFromOurs()
    {
        using Host host = Host.Create();
        string ours = Id();
        string theirs = host.Space.Run(Id);
        Assert.NotEqual(ours, theirs);
        Assert.Equal(ours, Id());
        Assert.Equal(theirs, host.Space.Run(Id));
        using NetworkNamespace same = host.Space.Run(NetworkNamespace.Current);
        Assert.Equal(theirs, same.Run(Id));

        // open only: inside a user namespace we may not enter what we did not make
        using NetworkNamespace own = NetworkNamespace.OfProcess(Environment.ProcessId);
        Assert.StartsWith($"/proc/{Environment.ProcessId}/fd/", own.Path, StringComparison.Ordinal);

        static string Id() => new FileInfo("/proc/thread-self/ns/net").LinkTarget!;
    }

    [Fact]
    public void Exception_Inside_ReachesTheCaller()
    {
        using Host host = Host.Create();
        Assert.Equal("inside", Assert.Throws<FormatException>(() => host.Space.Run(() => throw new FormatException("inside"))).Message);
    }

    [Fact]
    public void Namespace_Unknown_SaysWhichAndWhy()
    {
        LinuxException exception = Assert.Throws<LinuxException>(() => NetworkNamespace.Named("tcpao-none"));
        Assert.Equal(Errno.ENOENT, exception.Errno);
        Assert.Contains("/run/netns/tcpao-none", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ENOENT", exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsPrivilege);
    }

    [Fact]
    public void Links_AddressesAndRoutes_ComeAndGo()
    {
        using Host host = Host.Create();
        host.Space.Run(() => RouteSocket.Use(route =>
        {
            route.AddVethPair("left", "right");
            route.SetUp("left");
            route.SetUp("right");
            route.SetMtu("left", 9000);
            route.AddAddress("left", IPAddress.Parse("192.0.2.1"), 24);
            route.AddAddress("left", IPAddress.Parse("2001:db8::1"), 64);
            route.AddRoute(IPAddress.Any, 0, IPAddress.Parse("192.0.2.2"), null);
            NetworkInterface link = Assert.Single(NetworkInterface.GetAllNetworkInterfaces(), one => string.Equals(one.Name, "left", StringComparison.Ordinal));
            Assert.Equal(9000, link.GetIPProperties().GetIPv4Properties().Mtu);
            Assert.Contains(link.GetIPProperties().UnicastAddresses, one => one.Address.Equals(IPAddress.Parse("2001:db8::1")));
            Assert.Equal(route.IndexOf("left"), link.GetIPProperties().GetIPv4Properties().Index);
            Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => route.AddVethPair("left", "other")).Errno);
            route.DeleteAddress("left", IPAddress.Parse("192.0.2.1"), 24);
            route.Delete("left");
            LinuxException exception = Assert.Throws<LinuxException>(() => route.IndexOf("right"));
            Assert.Equal(Errno.ENODEV, exception.Errno);
        }));
    }
}
