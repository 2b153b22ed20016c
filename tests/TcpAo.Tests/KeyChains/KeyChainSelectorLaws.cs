using FsCheck;
using FsCheck.Fluent;
using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;
using static TcpAo.Tests.KeyChains.ChainBuilder;

namespace TcpAo.Tests.KeyChains;

/// <summary>The selector against a naive one, and against its own promise about time.</summary>
public sealed class KeyChainSelectorLaws
{
    private static readonly Gen<KeyLifetime> s_lifetimes = Gen.OneOf(
        Gen.Constant(KeyLifetime.Always),
        Gen.Constant(KeyLifetime.Never),
        Gen.Choose(0, 12).Two().Select(ends => Days(ends.Item1, ends.Item2)),
        Gen.Choose(0, 12).Select(start => new KeyLifetime(Day(start), DateTimeOffset.MaxValue)),
        Gen.Choose(0, 12).Select(end => new KeyLifetime(DateTimeOffset.MinValue, Day(end))));

    private static readonly Gen<KeyChain> s_chains =
        from keys in (
            from ids in Gen.Choose(0, 9).Two()
            from lifetimes in s_lifetimes.Two()
            select Key((ulong)ids.Item1, ids.Item1, ids.Item2, lifetimes.Item1, lifetimes.Item2)).ListOf()
        select Chain([.. keys]);

    private static readonly Arbitrary<(KeyChain Chain, DateTimeOffset Now)> s_cases = (
        from chain in s_chains
        from halfDay in Gen.Choose(-1, 26)
        select (chain, Day(halfDay / 2.0))).ToArbitrary();

    [Fact]
    [Requirement("R-129")]
    public void Selection_AnyChainAnyTime_EqualsNaiveSelection() =>
        Check.QuickThrowOnFailure(Prop.ForAll(s_cases, c =>
        {
            IEnumerable<AoKey> keys = c.Chain.Keys.Select(entry => entry.Key);
            AoKey? send = keys.Where(key => key.CanSend(c.Now)).OrderByDescending(key => key.SendLifetime.End).ThenBy(key => key.SendId).FirstOrDefault();
            AoKey? next = keys.Where(key => key.CanAccept(c.Now)).OrderByDescending(key => key.AcceptLifetime.End).ThenBy(key => key.RecvId).FirstOrDefault();
            return ReferenceEquals(send, KeyChainSelector.SendKey(c.Chain, c.Now)) && ReferenceEquals(next, KeyChainSelector.RNextKey(c.Chain, c.Now));
        }));

    [Fact]
    public void Answers_UntilNextChange_StayTheSame() =>
        Check.QuickThrowOnFailure(Prop.ForAll(s_cases, c =>
        {
            DateTimeOffset? change = KeyChainSelector.NextChange(c.Chain, c.Now);
            DateTimeOffset last = (change ?? Day(1000)).AddTicks(-1);
            DateTimeOffset middle = c.Now + ((last - c.Now) / 2);
            return (change is null || change > c.Now)
                && Same(c.Chain, c.Now, middle)
                && Same(c.Chain, c.Now, last);
        }));

    [Fact]
    public void Validity_AtNextChange_IsAnotherForSomeKey() =>
        Check.QuickThrowOnFailure(Prop.ForAll(s_cases, c =>
            KeyChainSelector.NextChange(c.Chain, c.Now) is not { } change
            || c.Chain.Keys.Any(entry => entry.Key.CanSend(c.Now) != entry.Key.CanSend(change) || entry.Key.CanAccept(c.Now) != entry.Key.CanAccept(change))));

    private static bool Same(KeyChain chain, DateTimeOffset one, DateTimeOffset other) =>
        ReferenceEquals(KeyChainSelector.SendKey(chain, one), KeyChainSelector.SendKey(chain, other))
        && ReferenceEquals(KeyChainSelector.RNextKey(chain, one), KeyChainSelector.RNextKey(chain, other))
        && chain.Keys.All(entry => KeyChainSelector.IsAccepted(entry.Key, one) == KeyChainSelector.IsAccepted(entry.Key, other))
        && KeyChainSelector.NextChange(chain, one) == KeyChainSelector.NextChange(chain, other);
}
