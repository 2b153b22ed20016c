using System.Net;
using System.Net.Sockets;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.DataPlane;
using TcpAo.Hosting.Tests.Support;
using TcpAo.Linux;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.Hosting.Tests.DataPlane;

/// <summary>A reload whose rules the kernel refuses changes nothing: the rules that stand go on with the keys that were there before.</summary>
public sealed class ReloadRollbackTests
{
    [Fact]
    [Trait("Requirement", "R-017")]
    public void Reload_RulesRefusedByTheKernel_KeepsTheKeysOfBefore()
    {
        const int NoMemory = 12;
        using NetworkNamespace space = Create();
        space.Run(() => RouteSocket.Use(route => route.SetUp("lo")));
        using var folder = new TempFolder();
        var options = new ProtectedHostOptions { StatePath = Path.Combine(folder.Path, "state", "test.state") };
        using ProtectedHost host = space.Run(() => ProtectedHost.Start(options, Configuration("127.0.0.1")));
        AssertSigned(space, host, 1);
        host.ReplaceRules = static (_, _) => throw new LinuxException(NoMemory, "Could not replace the rules.");
        Assert.Throws<LinuxException>(() => space.Run(() => host.Reload(Configuration("192.0.2.1"))));

        // without its keys the segments of the old rules would go unsigned
        AssertSigned(space, host, 2);
        Assert.Equal("127.0.0.1", Assert.Single(host.Snapshot().Peers).Remote);

        host.ReplaceRules = static (rules, model) => rules.Replace(model);
        Assert.True(space.Run(() => host.Reload(Configuration("192.0.2.1"))).InForce);
        Assert.Equal("192.0.2.1", Assert.Single(host.Snapshot().Peers).Remote);
    }

    /// <summary>A new connection from this host to itself, and all there were before it, are signed.</summary>
    private static void AssertSigned(NetworkNamespace space, ProtectedHost host, int connections)
    {
        const int Limit = 20_000;
        using Socket listener = space.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 178 + connections));
        listener.Listen();
        using Socket client = space.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = Limit });
        Assert.True(client.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask().Wait(Limit, TestContext.Current.CancellationToken));
        using Socket server = listener.Accept();
        server.Send(new byte[1]);
        Assert.Equal(1, client.Receive(new byte[1]));

        // one host has both ends of each
        var shown = host.Snapshot().Connections;
        Assert.Equal(2 * connections, shown.Length);
        Assert.All(shown, connection => Assert.Equal("signed", connection.Protection));
    }

    private static TcpAoConfiguration Configuration(string remote) => ConfigurationFile.Parse(
        $"key-chains: [{{ name: c, keys: [{{ id: 1, send-id: 5, recv-id: 5, secret: \"of 32 bytes and more, for any algorithm\" }}] }}]\npeers: [{{ name: p, remote: {remote}, port: 179-180, key-chain: c }}]\n",
        "tcpao.yaml",
        "/nonexistent");

    private static NetworkNamespace Create()
    {
        try
        {
            return NetworkNamespace.Create();
        }
        catch (LinuxException error) when (error.IsPrivilege)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }
}
