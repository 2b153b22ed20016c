using System.Net.Sockets;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>No key may sign: nothing leaves, and the program learns it at once or waits, as <c>on-no-key</c> says.</summary>
public sealed class NoKeyTests
{
    private const string Over = "send-lifetime: { end: 2020-01-01T00:00:00Z }, ";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-024")]
    public void Connect_WithoutAKeyThatMaySign_FailsAtOnceAndNothingLeaves(bool isIPv6)
    {
        using Lab lab = Begin(Over);
        using Socket listener = lab.B.Listen(Lab.AddressOfB(isIPv6), Lab.Port);
        (Socket socket, Task connect) = Session.Begin(lab.A, Lab.AddressOfB(isIPv6), Lab.Port);
        using (socket)
        {
            AggregateException error = Assert.Throws<AggregateException>(() => connect.Wait(Wait.Milliseconds, TestContext.Current.CancellationToken));
            Assert.Equal(SocketError.ConnectionAborted, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        }

        lab.RunA.WaitFor("rejected: no key of peer");
        lab.AssertUdpPasses();
        Assert.Empty(lab.Tap.OfPort(Lab.Port));
    }

    [Fact]
    [Trait("Requirement", "R-024")]
    public void Connection_WhoseLastKeyMayNotSignAnyMore_EndsOnThisSideAndNothingLeaves()
    {
        using Lab lab = Begin("");
        using Session session = Session.Open(lab);
        session.Exchange();
        lab.RunA.Reload(Configuration(Over, ""));
        session.A.Send(new byte[100]);
        Wait.Until(() => Fails(session.A), "sending fails");
        lab.AssertUdpPasses();
        IReadOnlyList<SeenSegment> seen = lab.Tap.OfPort(Lab.Port);
        Assert.All(seen, segment => Assert.True(segment.HasAo, segment.ToString()));
        Assert.DoesNotContain(seen, segment => segment.SourcePort != Lab.Port && (segment.Flags & (TcpFlags.Rst | TcpFlags.Fin)) != TcpFlags.None);
    }

    [Fact]
    [Trait("Requirement", "R-024")]
    public void Connection_ThatHolds_GoesOnWhenAKeyMaySignAgain()
    {
        using Lab lab = Begin("", ", on-no-key: hold");
        using Session session = Session.Open(lab);
        session.Exchange();
        lab.RunA.Reload(Configuration(Over, ", on-no-key: hold"));
        byte[] sent = Session.Post(session.A);
        lab.RunA.WaitFor("held back: no-send-key");
        lab.AssertUdpPasses();
        lab.RunA.Reload(Configuration("", ", on-no-key: hold"));
        Session.AssertArrived(session.B, sent);
        session.Exchange();
        Assert.All(lab.Tap.OfPort(Lab.Port), segment => Assert.True(segment.HasAo, segment.ToString()));
    }

    [Fact]
    [Trait("Requirement", "R-122")]
    public void Chain_ThatRunsOut_IsToldOfBeforeItDoes()
    {
        string soon = DateTime.UtcNow.AddDays(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        using Lab lab = Begin($"send-lifetime: {{ end: {soon} }}, ");
        string line = lab.RunA.WaitFor("warning: key chain c: no key may sign from");
        Assert.Contains("in 4 days", line, StringComparison.Ordinal);
        Assert.Contains("tcpao keys rollover c", line, StringComparison.Ordinal);
        Assert.Contains("key chain c runs out", lab.RunA.Ask("doctor").Output, StringComparison.Ordinal);
        Assert.Contains("c runs out: a key signs until", lab.RunA.Ask("show", "keys").Output, StringComparison.Ordinal);
        Assert.StartsWith(soon[..10], lab.RunA.Ask("keys", "status", "--json").Json.GetProperty("key-chains")[0].GetProperty("runs-out").GetString(), StringComparison.Ordinal);
        lab.RunA.Reload(Configuration(Over, ""));
        lab.RunA.WaitFor("warning: key chain c: no key may sign now");
    }

    private static bool Fails(Socket socket)
    {
        try
        {
            socket.Send(new byte[1]);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static Lab Begin(string lifetime, string more = "")
    {
        var lab = new Lab();
        try
        {
            lab.RunA.Write(Configuration(lifetime, more));
            lab.RunB.Write(Peering.Configuration([new Peering(Lab.Port, new Key(61, 84, Secret: "of both"))], Lab.A4, Lab.A6, isMirrored: true));
            lab.Start();
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    private static string Configuration(string lifetime, string more) => $$"""
        key-chains:
          - name: c
            keys:
              - { id: 1, send-id: 61, recv-id: 84, {{lifetime}}secret: "of both" }
        peers:
          - { name: b-4, remote: {{Lab.B4}}, remote-port: {{Lab.Port}}, key-chain: c{{more}} }
          - { name: b-6, remote: "{{Lab.B6}}", remote-port: {{Lab.Port}}, key-chain: c{{more}} }

        """;
}
