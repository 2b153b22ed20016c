using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>Several queues: a connection is on one of them in both directions, and stays protected whichever it is.</summary>
public sealed class QueuesTests
{
    private const int Sessions = 12;

    [Fact]
    [Trait("Requirement", "R-090")]
    public void Sessions_OverSeveralQueues_AreProtectedAndGoOnOverARestartWithAnotherNumber()
    {
        using var lab = new Lab();
        AddAddresses(lab);
        lab.RunA.Write(Configuration(3, "remote: 192.0.2.2, remote-port: 179"));
        lab.RunB.Write(Configuration(4, "remote: 192.0.2.0/24, local-port: 179", isMirrored: true));
        lab.Start();
        List<(Socket A, Socket B)> sessions = [];
        try
        {
            using Socket listener = lab.B.Listen(Lab.B4, Lab.Port);
            for (int i = 0; i < Sessions; i++)
            {
                sessions.Add(Open(lab, listener, i));
            }

            Exchange(sessions);
            Assert.True(QueuesUsed(lab.A) > 1);
            Assert.True(QueuesUsed(lab.B) > 1);

            // what a reload changes reaches each of them
            string rolled = Configuration(4, "remote: 192.0.2.0/24, local-port: 179", isMirrored: true, second: true);
            lab.RunB.Reload(rolled.Replace("queues: 4", "queues: 2", StringComparison.Ordinal), "from the next start on; there are 4 now");
            lab.RunB.WaitFor("reloaded");
            lab.RunA.Reload(Configuration(3, "remote: 192.0.2.2, remote-port: 179", second: true));
            Exchange(sessions);

            // each connection finds its way to where its segments are queued now
            lab.RunB.Kill();
            lab.RunB.StartAndWait();
            Assert.Contains($"{Sessions} connections continue", lab.RunB.Log, StringComparison.Ordinal);
            Exchange(sessions);
            lab.RunA.Kill();
            lab.RunA.Write(Configuration(1, "remote: 192.0.2.2, remote-port: 179", second: true));
            lab.RunA.StartAndWait();
            Exchange(sessions);
            Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
        }
        finally
        {
            sessions.ForEach(session =>
            {
                session.A.Dispose();
                session.B.Dispose();
            });
        }
    }

    [Fact]
    public void Socket_ThatWasThereUnprotected_IsCutWhicheverQueueItWouldBeOn()
    {
        using var lab = new Lab();
        AddAddresses(lab);
        lab.RunB.Write(Configuration(4, "remote: 192.0.2.0/24, local-port: 179", isMirrored: true));
        using Socket listener = lab.B.Listen(Lab.B4, Lab.Port);
        (Socket A, Socket B)[] sessions = [.. Enumerable.Range(0, 4).Select(i => Open(lab, listener, i))];
        lab.RunB.StartAndWait();
        foreach ((Socket a, Socket b) in sessions)
        {
            Assert.Equal(SocketError.ConnectionAborted, Assert.Throws<SocketException>(() => b.Receive(new byte[1])).SocketErrorCode);
            a.Dispose();
            b.Dispose();
        }
    }

    [Fact]
    public void Queues_BeyondTheLastThereIs_AreRefused()
    {
        using var lab = new Lab();
        lab.RunA.Write(Configuration(2, "remote: 192.0.2.2"));
        Assert.Equal(2, lab.RunA.RunToEnd([], "-c", lab.RunA.ConfigurationPath, "--queue", "65535"));
        Assert.Contains("65535", lab.RunA.Log, StringComparison.Ordinal);
    }

    private static string Configuration(int queues, string peer, bool isMirrored = false, bool second = false)
    {
        StringBuilder text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"queues: {queues}\nkey-chains:\n");
        Key[] keys = second ? [new Key(1, 2), new Key(3, 4, Secret: "another")] : [new Key(1, 2)];
        new Peering(Lab.Port, keys).WriteChain(text, isMirrored, "core");
        return text.Append(CultureInfo.InvariantCulture, $"peers:\n  - {{ name: p, {peer}, key-chain: core }}\n").ToString();
    }

    private static void AddAddresses(Lab lab) => lab.A.Space.Run(() => RouteSocket.Use(route =>
    {
        for (int i = 0; i < Sessions; i++)
        {
            route.AddAddress(Lab.Link, AddressOf(i), 24);
        }
    }));

    private static IPAddress AddressOf(int session) => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"192.0.2.{100 + session}"));

    private static (Socket A, Socket B) Open(Lab lab, Socket listener, int session)
    {
        Socket a = lab.A.Tcp(AddressFamily.InterNetwork);
        a.Bind(new IPEndPoint(AddressOf(session), 0));
        Wait.For(a.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask());
        return (a, Transfer.Accept(listener));
    }

    private static void Exchange(IEnumerable<(Socket A, Socket B)> sessions)
    {
        foreach ((Socket a, Socket b) in sessions)
        {
            Session.Exchange(a, b);
        }
    }

    /// <summary>Queues that packets have come to.</summary>
    private static int QueuesUsed(Host host) => host.Space.Run(() => NfQueueStatistics.Read().Count(queue => queue.LastId > 0));
}
