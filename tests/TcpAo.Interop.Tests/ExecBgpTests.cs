using TcpAo.Capture;
using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>BGP between BIRD under <c>tcpao exec</c>, whose own socket options do the work, and BIRD with the TCP-AO of Linux.</summary>
public sealed class ExecBgpTests
{
    private const int Refusals = 3;

    [Theory]
    [InlineData(false, "aes-128-cmac-96", "cmac aes128")]
    [InlineData(false, "hmac-sha-256", "hmac sha256")]
    [InlineData(true, "hmac-sha-1-96", "hmac sha1")]
    [Trait("Requirement", "R-139")]
    public void Session_BetweenBirdUnderExecAndBirdOnLinux_ComesUpAndRoutesAreExchanged(bool isIPv6, string name, string ofBird)
    {
        ExecLab.SkipUnlessThere();
        string key = ExecLab.Key(1, algorithm: ofBird);
        using ExecLab lab = new(isIPv6, key, key);
        lab.WaitUntilUp();
        lab.There.WaitUntilItHas(lab.RouteOfHere);
        lab.Here.WaitUntilItHas(lab.RouteOfThere);
        IReadOnlyList<SegmentReport> wire = lab.AssertWireValid((1, ExecLab.Secret, name));
        Assert.Contains(wire, lab.IsFromHere);
        Assert.Contains(wire, report => !lab.IsFromHere(report));
    }

    [Fact]
    [Trait("Requirement", "R-017")]
    public void Key_RolledByReconfigurationOfBothBirds_KeepsTheSessionUp()
    {
        ExecLab.SkipUnlessThere();
        using ExecLab lab = new(isIPv6: false, ExecLab.Key(1), ExecLab.Key(1));
        lab.WaitUntilUp();
        lab.There.WaitUntilItHas(lab.RouteOfHere);
        (BirdProtocol here, BirdProtocol there) = (lab.SessionHere, lab.SessionThere);
        (string first, string second, string preferred) =
            ($"{ExecLab.Key(1)} ", ExecLab.Key(2, ExecLab.OtherSecret), ExecLab.Key(2, ExecLab.OtherSecret, more: "preferred; "));

        // accepted at both ends
        lab.Here.Reconfigure(lab.ConfigurationHere($"{ExecLab.Key(1, more: "preferred; ")} {second}"));
        lab.There.Reconfigure(lab.ConfigurationThere($"{ExecLab.Key(1, more: "preferred; ")} {second}"));

        // asked for here, used there; then the other way round
        lab.Here.Reconfigure(lab.ConfigurationHere(first + preferred));
        lab.WaitUntilThereSignsWith(2);
        lab.There.Reconfigure(lab.ConfigurationThere(first + preferred));
        lab.WaitUntilHereSignsWith(2);

        // the old one is gone
        lab.Here.Reconfigure(lab.ConfigurationHere(second));
        lab.There.Reconfigure(lab.ConfigurationThere(second));
        int from = lab.WireCount;
        lab.Here.Reconfigure(lab.ConfigurationHere(second, lab.SecondRouteOfHere));
        lab.There.WaitUntilItHas(lab.SecondRouteOfHere);

        (BirdProtocol hereNow, BirdProtocol thereNow) = (lab.SessionHere, lab.SessionThere);
        Assert.True(hereNow.IsStill(here) && thereNow.IsStill(there), $"{here} became {hereNow}, {there} became {thereNow}");
        IReadOnlyList<SegmentReport> wire = lab.AssertWireValid((1, ExecLab.Secret, "aes-128-cmac-96"), (2, ExecLab.OtherSecret, "aes-128-cmac-96"));
        SegmentReport[] late = [.. wire.Where(report => report.Frame > from)];
        Assert.All(late, report => Assert.Equal((2, 2), (report.KeyId!.Value, report.RNextKeyId!.Value)));
        Assert.Contains(late, lab.IsFromHere);
        Assert.Contains(late, report => !lab.IsFromHere(report));
    }

    [Fact]
    [Trait("Requirement", "R-063")]
    public void Session_WithAnotherSecret_NeverComesUpAndComesUpOnceItIsRight()
    {
        ExecLab.SkipUnlessThere();
        using ExecLab lab = new(isIPv6: false, ExecLab.Key(1, ExecLab.OtherSecret), ExecLab.Key(1));
        string line = lab.Here.Log.WaitFor("refused: the MAC under key id 1 does not match", times: Refusals);
        Assert.DoesNotContain(ExecLab.OtherSecret, line, StringComparison.Ordinal);
        Until.True(() => lab.Counted.Bad >= Refusals, () => $"the kernel there has refused our SYNs, but: {lab.Counted}");
        Assert.False(lab.SessionHere.IsUp || lab.SessionThere.IsUp);
        Assert.Equal((0, 0, 0), (lab.Counted.Good, lab.Counted.KeyNotFound, lab.Counted.Required));

        // and nothing else was wrong
        lab.There.Reconfigure(lab.ConfigurationThere(ExecLab.Key(1, ExecLab.OtherSecret)));
        lab.WaitUntilUp();
        lab.Here.WaitUntilItHas(lab.RouteOfThere);
    }

    [Fact]
    [Trait("Requirement", "R-063")]
    public void Session_WithBirdThatDoesNotSign_NeverComesUp()
    {
        ExecLab.SkipUnlessThere();
        using ExecLab lab = new(isIPv6: false, ExecLab.Key(1), there: null);
        Until.True(() => lab.Counted.KeyNotFound >= Refusals, () => $"the kernel there has no key for our SYNs, but: {lab.Counted}");
        Assert.False(lab.SessionHere.IsUp || lab.SessionThere.IsUp);
        Assert.Equal((0, 0, 0), (lab.Counted.Good, lab.Counted.Bad, lab.Counted.Required));
    }
}
