using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Netfilter;

/// <summary>Design section 3: nothing of a protected connection leaves or enters while nobody decides, and everybody else's traffic goes on.</summary>
public sealed class FailClosedTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void Syn_NobodyListensOnTheQueue_NeitherLeavesNorEnters(bool rulesAtClient, bool isIPv6)
    {
        using TwoHosts hosts = new();
        IPAddress server = TwoHosts.AddressOfB(isIPv6);
        using NftRuleset rules = rulesAtClient
            ? Rules.Install(hosts.A, Rules.Session($"{server}"))
            : Rules.Install(hosts.B, Rules.Session($"{TwoHosts.AddressOfA(isIPv6)}"));
        AssertClosed(hosts, server);
        AssertOthersOpen(hosts, server);
    }

    [Fact]
    public void Connection_QueueLost_StandsStillUntilAnotherTakesIt()
    {
        using TwoHosts hosts = new();
        NftRuleset rules = Rules.Install(hosts.A, Rules.Session($"{TwoHosts.B4}"));
        Socket client;
        Socket server;
        using (Socket listener = hosts.B.Listen(TwoHosts.B4, 179))
        {
            // what the kernel does when a process dies: it closes the sockets of the queue and of the table's owner
            using QueueLoop first = new(hosts.A, Rules.Queue, QueueLoop.Accept);
            client = hosts.A.Tcp(AddressFamily.InterNetwork);
            Wait.For(client.ConnectAsync(new IPEndPoint(TwoHosts.B4, 179), TestContext.Current.CancellationToken).AsTask());
            server = Transfer.Accept(listener);
            client.Send("one"u8);
            Assert.Equal(3, server.Receive(new byte[3]));
        }

        rules.Dispose();
        client.Send("two"u8);
        AssertClosed(hosts, TwoHosts.B4);
        AssertOthersOpen(hosts, TwoHosts.B4);
        Assert.Equal(0, server.Available);

        // a later process takes table and queue over, and the connection goes on
        using NftRuleset later = Rules.Open(hosts.A);
        Assert.True(later.Read()!.IsActive);
        later.Replace(Rules.Model(Rules.Session($"{TwoHosts.B4}")));
        using (new QueueLoop(hosts.A, Rules.Queue, QueueLoop.Accept))
        {
            byte[] got = new byte[3];
            Assert.Equal(3, server.Receive(got));
            Assert.Equal("two"u8, got);
        }

        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void Rules_Removed_LetEverythingPass()
    {
        using TwoHosts hosts = new();
        using NftRuleset rules = Rules.Install(hosts.A, Rules.Session($"{TwoHosts.B4}"));
        Assert.True(rules.Remove());
        Assert.False(rules.Remove());
        Assert.Null(rules.Read());
        Transfer.Run(hosts.A, hosts.B, TwoHosts.B4, 179, 1000);
    }

    private static void AssertClosed(TwoHosts hosts, IPAddress server)
    {
        long before = hosts.B.SegmentsIn();
        using Socket listener = hosts.B.Listen(IPAddress.IPv6Any, 1179);
        using Socket client = hosts.A.Tcp(server.AddressFamily);
        client.Blocking = false;
        try
        {
            client.Connect(new IPEndPoint(server, 179));
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // the SYN is on its way
        }

        // what was sent later on the same wire has arrived; so would have the SYN
        AssertUdp(hosts, server);
        Assert.Equal(before, hosts.B.SegmentsIn());
        Assert.False(client.Connected);
    }

    private static void AssertOthersOpen(TwoHosts hosts, IPAddress server)
    {
        AssertUdp(hosts, server);
        Transfer.Run(hosts.A, hosts.B, server, 1790, 100_000);
        Transfer.Run(hosts.B, hosts.A, server.AddressFamily == AddressFamily.InterNetwork ? TwoHosts.A4 : TwoHosts.A6, 1791, 100_000);
    }

    private static void AssertUdp(TwoHosts hosts, IPAddress server)
    {
        using Socket to = hosts.B.Udp(server, 179);
        using Socket from = hosts.A.Udp(server.AddressFamily == AddressFamily.InterNetwork ? TwoHosts.A4 : TwoHosts.A6, 179);
        from.SendTo("udp"u8, new IPEndPoint(server, 179));
        Assert.Equal(3, to.Receive(new byte[3]));
    }
}
