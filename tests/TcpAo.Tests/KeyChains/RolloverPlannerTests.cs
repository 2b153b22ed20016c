using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;
using static TcpAo.Tests.KeyChains.ChainBuilder;

namespace TcpAo.Tests.KeyChains;

/// <summary>Plans of a rollover: never a moment without a common key, ids without a clash, and a refusal where it would do harm.</summary>
public sealed class RolloverPlannerTests
{
    private static readonly RolloverTimes s_times = new(TimeSpan.FromHours(1), TimeSpan.FromHours(2));

    [Theory]
    [Requirement("R-018")]
    [InlineData(2, 1, 61, 84)]
    [InlineData(1, 0, 0, 0)]
    [InlineData(0, 63, 62, 63)]
    [InlineData(85, 1, 84, 83)]
    [InlineData(0, 3, 255, 255)]
    public void Ids_OfANewKey_AreFreeInBothDirections(int expected, ulong id, int sendId, int recvId)
    {
        // the chain of the first row has small ids beside these
        KeyChain chain = expected == 2 ? Chain(Key(0, 1, 0), Key(1, 0, 1)) : Chain(Key(id, sendId, recvId));
        Assert.True(RolloverPlanner.TryChooseIds(chain, out ulong chosen, out byte wireId));
        Assert.Equal(expected, wireId);
        Assert.DoesNotContain(chain.Keys, entry => entry.Id == chosen || entry.Key.SendId == wireId || entry.Key.RecvId == wireId);
    }

    [Fact]
    [Requirement("R-018")]
    public void Ids_WhenAllAreTaken_AreRefused()
    {
        KeyChain chain = Chain([.. Enumerable.Range(0, 256).Select(n => Key((ulong)n, n, n))]);
        Assert.False(RolloverPlanner.TryChooseIds(chain, out _, out _));
        Assert.False(RolloverPlanner.TryPlan(chain, Accepts(chain), s_times, Day(0), out _, out string? reason));
        Assert.Contains("free in both directions", reason, StringComparison.Ordinal);
    }

    [Theory]
    [Requirement("R-047", "R-123")]
    [InlineData(false)]
    [InlineData(true)]
    public void Plan_AtAnyTimeAndWithSkewedClocks_HasACommonKey(bool hasEnd)
    {
        KeyLifetime before = hasEnd ? Days(-10, 300) : KeyLifetime.Always;
        KeyChain chain = Chain(Key(1, 1, 1, before, before));
        Assert.True(RolloverPlanner.TryPlan(chain, Accepts(chain), s_times, Day(0), out RolloverPlan? plan, out _));
        Assert.Empty(plan.Warnings);
        RolloverCut cut = Assert.Single(plan.Cuts);
        KeyChain after = Chain(Key(1, 1, 1, cut.Send, cut.Accept), Key(plan.Id, plan.SendId, plan.RecvId, plan.Send, plan.Accept));
        for (double hour = 0; hour < 24; hour += 0.25)
        {
            // two ends whose clocks differ by up to the overlap: what one signs with the other accepts
            foreach (double skew in (double[])[-1, 0, 1])
            {
                AoKey signs = KeyChainSelector.SendKey(after, Day(hour / 24))!;
                Assert.True(signs.CanAccept(Day((hour + skew) / 24)) || hour + skew < 0, $"{hour} h with {skew} h of skew");
            }
        }

        Assert.Equal(plan.Id, after.Keys.Single(entry => ReferenceEquals(entry.Key, KeyChainSelector.SendKey(after, Day(1)))).Id);
        Assert.False(after.Keys[0].Key.CanAccept(Day(1)));
    }

    [Fact]
    public void Plan_WhereItWouldDoHarm_IsRefused()
    {
        Refused("a change is under way", Chain(Key(1, 1, 1), Key(2, 2, 2, Days(1, 100))), s_times);
        Refused("which is past", Chain(Key(1, 1, 1)), s_times with { SendFrom = Day(-1) });
        Refused("no key would sign", Chain(Key(1, 1, 1, Days(-1, 0.01))), s_times);
        Refused("longer than the overlap", Chain(Key(1, 1, 1)), s_times with { Duration = TimeSpan.FromHours(2) });
        Refused("TCP MD5", Chain(Key(1, 0, 0, algorithm: MacAlgorithms.TcpMd5)), s_times);
    }

    [Fact]
    public void Plan_OfAChainThatHasRunOut_WarnsOfTheTimeUntilItSigns()
    {
        KeyChain chain = Chain(Key(1, 1, 1, Days(-10, -1), Days(-10, -1)));
        Assert.True(RolloverPlanner.TryPlan(chain, Accepts(chain), s_times, Day(0), out RolloverPlan? plan, out _));
        Assert.Contains("nothing of these peers passes", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(plan.Cuts);
    }

    [Fact]
    public void Timeline_OfAPlan_ListsItsChanges()
    {
        KeyChain chain = Chain(Key(1, 1, 1, Days(-1, 2), Days(-1, 3)), Key(2, 2, 2, new KeyLifetime(Day(1), DateTimeOffset.MaxValue), new KeyLifetime(Day(0), DateTimeOffset.MaxValue)));
        KeyChainChange change = Assert.Single(KeyChainTimeline.SendChanges(chain, Day(0)));
        Assert.Equal((Day(1), chain.Keys[0].Key, chain.Keys[1].Key), (change.At, change.Before, change.After));
        Assert.Empty(KeyChainTimeline.RNextChanges(chain, Day(0)));
        Assert.Equal([Day(-1), Day(0), Day(1), Day(2), Day(3)], KeyChainTimeline.Instants(chain));
    }

    [Fact]
    public void Timeline_OfAChainWithGapsAndEnds_SaysWhenItRunsOut()
    {
        KeyChain chain = Chain(Key(1, 1, 1, Days(0, 2), Days(0, 3)), Key(2, 2, 2, Days(2, 4), Days(1, 5)), Key(3, 3, 3, Days(6, 7), Days(5, 8)));
        Assert.Equal((Day(4), Day(8)), (KeyChainTimeline.SendsUntil(chain, Day(0)), KeyChainTimeline.AcceptsUntil(chain, Day(0))));

        // in a gap, between its keys, and behind its end
        Assert.Equal(Day(5), KeyChainTimeline.SendsUntil(chain, Day(5)));
        Assert.Equal(Day(7), KeyChainTimeline.SendsUntil(chain, Day(6.5)));
        Assert.Equal(Day(9), KeyChainTimeline.AcceptsUntil(chain, Day(9)));
        Assert.Null(KeyChainTimeline.SendsUntil(Chain(Key(1, 1, 1, Days(0, 2)), Key(2, 2, 2)), Day(0)));
    }

    private static void Refused(string expected, KeyChain chain, RolloverTimes times)
    {
        Assert.False(RolloverPlanner.TryPlan(chain, Accepts(chain), times, Day(0), out _, out string? reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    private static KeyLifetime[] Accepts(KeyChain chain) => [.. chain.Keys.Select(entry => entry.Key.AcceptLifetime)];
}
