using TcpAo.Crypto;
using TcpAo.Hosting.DataPlane;
using TcpAo.Hosting.Tests.Support;
using TcpAo.KeyChains;
using TcpAo.Keys;
using Xunit;

namespace TcpAo.Hosting.Tests.DataPlane;

/// <summary>A chain that runs out is said days before it does, and each mark once.</summary>
public sealed class KeyExpiryWatchTests
{
    private readonly ManualTime _time = new();
    private readonly List<string> _log = [];

    [Fact]
    [Trait("Requirement", "R-122")]
    public void Chain_OfALongLife_IsSaidAt30And7And1DaysAndAnHourAndWhenItIsOver()
    {
        using KeyExpiryWatch watch = Watch(Chain(365));
        List<double> hoursLeft = [];
        for (int hours = 0; hours <= 366 * 24; hours++)
        {
            int before = _log.Count;
            watch.Check();
            watch.Check();
            if (_log.Count > before)
            {
                hoursLeft.Add((365 * 24) - hours);
            }

            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal([30 * 24, 7 * 24, 24, 1, 0], hoursLeft);
        Assert.Equal("warning: key chain core: no key may sign from 2027-01-01 00:00:00Z on, in 30 days; make the next one in time: tcpao keys rollover core", _log[0]);
        Assert.Equal("warning: key chain core: no key may sign now: its connections do not go on until one does; give it the next one", _log[^1]);
    }

    [Fact]
    public void Chain_OfAShortLife_IsSaidInItsLastQuarter()
    {
        using KeyExpiryWatch watch = Watch(Chain(20));
        watch.Check();
        _time.Advance(TimeSpan.FromDays(14.9));
        watch.Check();
        Assert.Empty(_log);
        _time.Advance(TimeSpan.FromDays(0.1));
        watch.Check();
        Assert.Contains("in 5 days", Assert.Single(_log), StringComparison.Ordinal);
    }

    [Fact]
    public void Chain_ThatGetsAnotherKey_IsForgottenAndSaidAgainWhenThatIsDue()
    {
        KeyChain chain = Chain(40);
        using KeyExpiryWatch watch = new(() => [chain], _time, _log.Add);
        _time.Advance(TimeSpan.FromDays(35));
        watch.Check();
        Assert.Single(_log);
        chain = Chain(400);
        watch.Check();
        Assert.Single(_log);
        _time.Advance(TimeSpan.FromDays(340));
        watch.Check();
        Assert.Contains("in 25 days", _log[^1], StringComparison.Ordinal);
        Assert.Equal(2, _log.Count);

        // one without an end
        chain = Chain(null);
        _time.Advance(TimeSpan.FromDays(340));
        watch.Check();
        Assert.Equal(2, _log.Count);
    }

    [Fact]
    public void Chain_ThatIsAcceptedShorterThanItSigns_IsSaidByThat()
    {
        AoKey key = new("core/1", 1, 1, MacAlgorithms.HmacSha1, Secret.FromText("k"), acceptLifetime: new KeyLifetime(DateTimeOffset.MinValue, _time.GetUtcNow().AddDays(3)));
        using KeyExpiryWatch watch = Watch(new KeyChain("core", [new KeyChainKey(1, key)], TimeSpan.Zero));
        watch.Check();
        Assert.Contains("no key is accepted from 2026-01-04", Assert.Single(_log), StringComparison.Ordinal);
    }

    private KeyExpiryWatch Watch(KeyChain chain) => new(() => [chain], _time, _log.Add);

    private static KeyChain Chain(int? days)
    {
        DateTimeOffset start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        KeyLifetime lifetime = days is null ? KeyLifetime.Always : new KeyLifetime(start, start.AddDays(days.Value));
        return new KeyChain("core", [new KeyChainKey(1, new AoKey("core/1", 1, 1, MacAlgorithms.HmacSha1, Secret.FromText("k"), sendLifetime: lifetime, acceptLifetime: lifetime))], TimeSpan.Zero);
    }
}
