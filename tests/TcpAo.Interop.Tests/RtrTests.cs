using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>RPKI to Router (RFC 8210) between StayRTR and FRR, neither of which knows TCP-AO: each under a <c>tcpao run</c>, or the cache behind Linux's own.</summary>
public sealed class RtrTests
{
    private const int Refusals = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-144")]
    public void Session_BetweenStayRtrAndFrr_BringsTheRoaSigned(bool isIPv6)
    {
        Daemons.SkipUnlessThere();
        using RtrLab lab = new(isIPv6, RtrLab.Secret, RtrLab.Secret);
        lab.WaitUntilRouterHasRoa();
        lab.AssertWireValid();
        lab.Router.Log.WaitFor("protected, key id 2");
        lab.Cache.Log.WaitFor("protected, key id 1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-144")]
    public void Session_BetweenFrrAndACacheOnLinuxsTcpAo_BringsTheRoaSigned(bool isIPv6)
    {
        RtrKernelLab.SkipUnlessThere();
        using RtrKernelLab lab = new(isIPv6);
        lab.WaitUntilRouterHasRoa();
        lab.AssertWireValid();
        lab.Run.Log.WaitFor("protected, key id 2");
    }

    [Fact]
    public void Session_WithAnotherSecret_BringsNothingAndTheCacheTellsWhy()
    {
        Daemons.SkipUnlessThere();
        using RtrLab lab = new(isIPv6: false, RtrLab.Secret, RtrLab.OtherSecret);

        // FRR's client tries again only when its SYN has timed out; the kernel repeats the SYN
        lab.Cache.Log.WaitFor("refused: the MAC under key id 1 does not match");
        lab.WaitForSyns(Refusals);
        Assert.DoesNotContain(RtrCache.Prefix, lab.Roas(), StringComparison.Ordinal);
        lab.AssertNothingCameBack();
    }
}
