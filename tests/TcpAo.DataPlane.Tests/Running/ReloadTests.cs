using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>SIGHUP puts another configuration into force, whole or not at all.</summary>
public sealed class ReloadTests
{
    private static readonly Key s_first = new(1, 2);
    private static readonly Key s_second = new(3, 4, Secret: "the second secret");

    [Fact]
    public void Peer_AddedByReload_IsProtectedFromThenOn()
    {
        Peering[] later = [new Peering(Lab.Port, s_first), new Peering(Lab.Port + 1, s_second)];
        using Lab lab = Lab.Protected(later[0]);
        using Session session = Session.Open(lab);
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port + 1, 100_000);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port + 1), segment => segment.HasAo);
        int before = lab.Tap.OfPort(Lab.Port + 1).Count;

        Reload(lab, later);
        Transfer.Run(lab.A, lab.B, Lab.B6, Lab.Port + 1, 100_000);
        session.Exchange();
        Assert.DoesNotContain(lab.Tap.Segments.Where(segment => segment.HasPort(Lab.Port + 1) && segment.Source.Equals(Lab.A6)), segment => !segment.HasAo);
        Assert.True(lab.Tap.OfPort(Lab.Port + 1).Count > before);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => !segment.HasAo);

        // and a bad file changes nothing
        string good = File.ReadAllText(lab.RunA.ConfigurationPath);
        lab.RunA.Reload(good.Replace("secret: \"a", "sekret: \"a", StringComparison.Ordinal), "is not in force");
        Assert.Contains($"{lab.RunA.ConfigurationPath}:4:", lab.RunA.Log, StringComparison.Ordinal);
        Assert.Contains("sekret", lab.RunA.Log, StringComparison.Ordinal);
        lab.RunA.Reload("peers: [", "is not in force");
        File.Delete(lab.RunA.ConfigurationPath);
        lab.RunA.Reload(null, "is not in force");
        session.Exchange();
        Transfer.Run(lab.A, lab.B, Lab.B4, Lab.Port, 100_000);
        lab.RunA.Reload(good);
        session.Exchange();
    }

    [Fact]
    [Trait("Requirement", "R-017")]
    [Trait("Requirement", "R-019")]
    public void Session_KeysRotatedByReload_GoesOnUnderTheSecond()
    {
        using Lab lab = Lab.Protected(new Peering(Lab.Port, s_first));
        using Session session = Session.Open(lab);
        session.Exchange();
        Reload(lab, new Peering(Lab.Port, s_first, s_second));
        session.Exchange();
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port), segment => segment.KeyId is 3 or 4);
        Reload(lab, new Peering(Lab.Port, s_second));

        // a connection keeps a removed key until each end has asked the other for the next one
        session.Exchange();
        lab.RunA.WaitFor("signs with key id 3 now");
        lab.RunB.WaitFor("signs with key id 4 now");
        session.Exchange();
        lab.AssertUdpPasses();
        lab.Tap.WaitFor(1, segment => segment.KeyId == 3 && segment.Payload > 0);
        lab.Tap.WaitFor(1, segment => segment.KeyId == 4 && segment.Payload > 0);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port).SkipWhile(segment => segment.KeyId != 3), segment => segment.KeyId == 1);
        Assert.DoesNotContain(lab.Tap.OfPort(Lab.Port).SkipWhile(segment => segment.KeyId != 4), segment => segment.KeyId == 2);

        // the connection is kept over a restart under its new key as well
        lab.RunB.Kill();
        lab.RunB.StartAndWait();
        Assert.Contains("1 connections continue", lab.RunB.Log, StringComparison.Ordinal);
        session.Exchange();
    }

    private static void Reload(Lab lab, params Peering[] peerings)
    {
        lab.RunA.Reload(Peering.Configuration(peerings, Lab.B4, Lab.B6, isMirrored: false));
        lab.RunB.Reload(Peering.Configuration(peerings, Lab.A4, Lab.A6, isMirrored: true));
    }
}
