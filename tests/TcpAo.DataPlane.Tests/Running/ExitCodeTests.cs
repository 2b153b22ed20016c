using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>docs/reference/exit-codes.md: each failure of <c>tcpao run</c> has its code and one sentence.</summary>
public sealed class ExitCodeTests
{
    [Fact]
    public void Run_WithoutNetAdmin_EndsWithFourAndOneSentence()
    {
        using var lab = new Lab();
        lab.Configure(new Peering(Lab.Port, new Key(1, 2)));
        string[] without = ["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-net_admin"];
        Assert.Equal(4, lab.RunA.RunToEnd(without, "-c", lab.RunA.ConfigurationPath, "--state", lab.RunA.StatePath));
        AssertOneSentence(lab, "CAP_NET_ADMIN");
        Assert.False(File.Exists(lab.RunA.StatePath));
    }

    [Fact]
    public void Run_WithoutPeers_EndsWithThree()
    {
        using var lab = new Lab();
        lab.RunA.Write("key-chains:\n  - name: c\n    keys:\n      - { id: 1, send-id: 1, recv-id: 1, secret: x }\n");
        Assert.Equal(3, lab.RunA.RunToEnd([], "-c", lab.RunA.ConfigurationPath, "--state", lab.RunA.StatePath));
        AssertOneSentence(lab, "no peers");
    }

    [Fact]
    public void Run_WithoutConfiguration_EndsWithTwo()
    {
        using var lab = new Lab();
        Assert.Equal(2, lab.RunA.RunToEnd([]));
        AssertOneSentence(lab, "--config");
    }

    [Fact]
    public void Release_OfNothing_EndsWithZero()
    {
        // neither rules nor state, nor a folder for it
        using var lab = new Lab();
        (int code, string log) = lab.RunA.Release();
        Assert.Equal((0, "tcpao: there are no rules of tcpao in this network namespace"), (code, log));
    }

    private static void AssertOneSentence(Lab lab, string about)
    {
        Assert.Single(lab.RunA.Log.Split('\n'));
        Assert.Contains(about, lab.RunA.Log, StringComparison.Ordinal);
    }
}
