using TcpAo.Capture;
using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>BGP between FRR, which knows nothing of TCP-AO, under <c>tcpao run</c>, and BIRD with the TCP-AO of Linux.</summary>
public sealed class BgpTests
{
    private const int Refusals = 3;

    [Theory]
    [InlineData(false, "aes-128-cmac-96", "cmac aes128")]
    [InlineData(false, "hmac-sha-256", "hmac sha256")]
    [InlineData(true, "hmac-sha-1-96", "hmac sha1")]
    [Trait("Requirement", "R-139")]
    public void Session_BetweenFrrAndBird_ComesUpAndRoutesAreExchanged(bool isIPv6, string ours, string theirs)
    {
        BgpLab.SkipUnlessThere();
        string key = Ours(1, algorithm: ours);
        using BgpLab lab = new(isIPv6, key, Theirs(1, algorithm: theirs));
        lab.WaitUntilUp();
        lab.WaitUntilBirdHas(lab.RouteOfFrr);
        lab.WaitUntilFrrHas(lab.RouteOfBird);
        IReadOnlyList<SegmentReport> wire = lab.AssertWireValid(lab.Ours(key));
        Assert.Contains(wire, lab.IsOurs);
        Assert.Contains(wire, report => !lab.IsOurs(report));
        lab.Run.Log.WaitFor("protected, key id 1");
    }

    [Fact]
    [Trait("Requirement", "R-017")]
    public void Key_RolledByReloadsOfBothEnds_KeepsTheSessionUp()
    {
        BgpLab.SkipUnlessThere();

        // of two keys the one that lasts longer is asked for
        string both = $"{Ours(1, more: ", lifetime: { end: 2099-01-01T00:00:00Z }")}\n      {Ours(2, BgpLab.OtherSecret)}";
        string second = Theirs(2, BgpLab.OtherSecret);
        using BgpLab lab = new(isIPv6: false, Ours(1), Theirs(1));
        lab.WaitUntilUp();
        lab.WaitUntilBirdHas(lab.RouteOfFrr);
        (BirdProtocol bird, FrrNeighbor frr) = (lab.Bird.Protocol(BgpLab.Protocol), lab.Neighbor);

        // accepted at both ends
        lab.Bird.Reconfigure(lab.Theirs($"{Theirs(1, more: "preferred; ")} {second}"));
        lab.Run.Reload(lab.Ours(both));

        // asked for by us, used by BIRD
        lab.Run.Log.WaitFor("asks the peer for key id 2 now");
        lab.WaitUntilBirdSignsWith(2);

        // asked for by BIRD, used by us
        lab.Bird.Reconfigure(lab.Theirs($"{Theirs(1)} {Theirs(2, BgpLab.OtherSecret, more: "preferred; ")}"));
        lab.Run.Log.WaitFor("signs with key id 2 now");

        // the old one is gone
        lab.Bird.Reconfigure(lab.Theirs(second));
        lab.Run.Reload(lab.Ours(Ours(2, BgpLab.OtherSecret)));
        int from = lab.Wire.Count;
        lab.Announce(lab.SecondRouteOfFrr);
        lab.WaitUntilBirdHas(lab.SecondRouteOfFrr);

        BirdProtocol now = lab.Bird.Protocol(BgpLab.Protocol);
        Assert.True(now.IsStill(bird), $"{bird} became {now}");
        Assert.Equal(frr, lab.Neighbor);
        IReadOnlyList<SegmentReport> wire = lab.AssertWireValid(lab.Ours(both));
        Assert.All(wire.Skip(from), report => Assert.Equal((2, 2), (report.KeyId!.Value, report.RNextKeyId!.Value)));
        Assert.Contains(wire.Skip(from), lab.IsOurs);
        Assert.Contains(wire.Skip(from), report => !lab.IsOurs(report));
    }

    [Fact]
    [Trait("Requirement", "R-063")]
    public void Session_WithAnotherSecret_NeverComesUpAndTheLogTellsWhy()
    {
        BgpLab.SkipUnlessThere();
        using BgpLab lab = new(isIPv6: false, Ours(1, BgpLab.OtherSecret), Theirs(1));
        lab.Run.Log.WaitFor("192.0.2.1:179 - 192.0.2.2:", times: Refusals);
        string line = lab.Run.Log.WaitFor("refused: the MAC under key id 1 does not match: compare secret", times: Refusals);
        Assert.DoesNotContain(BgpLab.OtherSecret, line, StringComparison.Ordinal);
        Until.True(() => lab.Counted.Bad >= Refusals, () => "the peer has refused our SYNs");
        Assert.Equal((0, 0), (lab.Neighbor.Established, lab.Neighbor.Dropped));
        Assert.False(lab.Bird.Protocol(BgpLab.Protocol).IsUp);
        Assert.Equal(0, lab.Counted.Good);

        // and nothing else was wrong
        lab.Run.Reload(lab.Ours(Ours(1)));
        lab.WaitUntilUp();
        lab.WaitUntilBirdHas(lab.RouteOfFrr);
    }

    [Fact]
    [Trait("Requirement", "R-063")]
    public void Session_WithBirdThatDoesNotSign_NeverComesUpAndTheLogTellsWhy()
    {
        BgpLab.SkipUnlessThere();
        using BgpLab lab = new(isIPv6: false, Ours(1), Theirs(1), isSigned: false);
        lab.Run.Log.WaitFor("refused: the peer does not sign, or the port is closed there", times: Refusals);
        Until.True(() => lab.Counted.KeyNotFound >= Refusals, () => $"the peer has no key for our SYNs, but: {lab.Counted}");
        Assert.Equal((0, 0), (lab.Neighbor.Established, lab.Neighbor.Dropped));
        Assert.False(lab.Bird.Protocol(BgpLab.Protocol).IsUp);
    }

    private static string Ours(int id, string secret = BgpLab.Secret, string algorithm = "aes-128-cmac-96", string more = "") =>
        $"- {{ id: {id}, send-id: {id}, recv-id: {id}, algorithm: {algorithm}, secret: \"{secret}\"{more} }}";

    private static string Theirs(int id, string secret = BgpLab.Secret, string algorithm = "cmac aes128", string more = "") =>
        $"key {{ id {id}; secret \"{secret}\"; algorithm {algorithm}; {more}}};";
}
