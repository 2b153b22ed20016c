using System.Net.Sockets;
using TcpAo.DataPlane.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>After a reboot a peer that does not know of it is told, signed, where the administrator asks for it.</summary>
public sealed class RebootTests
{
    private static readonly Peering s_peering = new(Lab.Port, new Key(1, 2));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-089")]
    [Trait("Requirement", "R-090")]
    public void StaleSession_OfAPeerAfterAReboot_GetsASignedReset(bool isIPv6)
    {
        using Lab lab = Start(survives: true);
        using Session session = Session.Open(lab, isIPv6: isIPv6);
        session.Exchange();

        // in one boot the session goes on
        lab.RunA.Kill();
        lab.RunA.StartAndWait();
        Assert.Contains("1 connections continue", lab.RunA.Log, StringComparison.Ordinal);
        session.Exchange();

        Reboot(lab, session);
        lab.RunA.StartInAnotherBoot();
        lab.RunA.WaitFor("protecting");
        Assert.Contains("1 connections are from before a reboot", lab.RunA.Log, StringComparison.Ordinal);

        // what B sends again by itself may be answered first
        SocketException reset = Assert.Throws<SocketException>(() =>
        {
            Session.Post(session.B);
            session.B.Receive(new byte[1]);
        });
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        lab.Tap.WaitFor(1, segment => segment.HasPort(Lab.Port) && (segment.Flags & TcpFlags.Rst) != TcpFlags.None);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);

        // and the next session is a session like any
        using Session next = Session.Open(lab, isIPv6: isIPv6);
        next.Exchange();
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public void StaleSession_WhereNobodyAskedForIt_GetsNothingThatIsUnsigned()
    {
        using Lab lab = Start(survives: false);
        using Session session = Session.Open(lab);
        session.Exchange();
        Reboot(lab, session);
        lab.RunA.StartInAnotherBoot();
        lab.RunA.WaitFor("protecting");
        int before = lab.Tap.OfPort(Lab.Port).Count;
        Session.Post(session.B);
        lab.Tap.WaitFor(before + 2, segment => segment.HasPort(Lab.Port));
        lab.AssertUdpPasses();
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => (segment.Flags & TcpFlags.Rst) != TcpFlags.None);

        // B's stale socket has the port; another session comes up all the same
        using Session next = Session.Open(lab);
        next.Exchange();
    }

    private static Lab Start(bool survives)
    {
        var lab = new Lab();
        try
        {
            lab.Configure(s_peering);
            string words = survives ? $"state-file: {lab.RunA.StatePath}\nsurvive-reboot: true\n" : string.Empty;
            lab.RunA.Write(words + File.ReadAllText(lab.RunA.ConfigurationPath));
            lab.Start();
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>What a reboot does to A: the program and the sockets are gone, and nobody was told.</summary>
    private static void Reboot(Lab lab, Session session)
    {
        lab.RunA.Kill();
        session.A.LingerState = new LingerOption(enable: true, seconds: 0);
        session.A.Dispose();
    }
}
