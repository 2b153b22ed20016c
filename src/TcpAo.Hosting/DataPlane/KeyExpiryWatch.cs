using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Says that a key chain is going to run out, days before it does: at 30, 7 and 1 days and at an hour, each once; where the last key lives for less than four times that, at a quarter of
/// its life. A chain that gets another key is forgotten, and said again when that is due.
/// </summary>
internal sealed class KeyExpiryWatch : IDisposable
{
    private const int Quarter = 4;

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan[] s_marks = [TimeSpan.FromDays(30), TimeSpan.FromDays(7), TimeSpan.FromDays(1), TimeSpan.FromHours(1)];

    private readonly Lock _gate = new();
    private readonly Func<IEnumerable<KeyChain>> _chains;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly ITimer _timer;
    private readonly Dictionary<string, (DateTimeOffset Until, TimeSpan Left)> _told = new(StringComparer.Ordinal);

    /// <param name="chains">The chains in use.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Takes lines for the operator.</param>
    public KeyExpiryWatch(Func<IEnumerable<KeyChain>> chains, TimeProvider time, Action<string> log)
    {
        (_chains, _time, _log) = (chains, time, log);
        _timer = time.CreateTimer(_ => Check(), null, TimeSpan.Zero, s_interval);
    }

    /// <summary>Looks now.</summary>
    public void Check()
    {
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            foreach (KeyChain chain in _chains())
            {
                Check(chain, now);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Check(KeyChain chain, DateTimeOffset now)
    {
        DateTimeOffset sends = KeyChainTimeline.SendsUntil(chain, now) ?? DateTimeOffset.MaxValue;
        DateTimeOffset accepts = KeyChainTimeline.AcceptsUntil(chain, now) ?? DateTimeOffset.MaxValue;
        DateTimeOffset until = sends <= accepts ? sends : accepts;
        if (until == DateTimeOffset.MaxValue)
        {
            _told.Remove(chain.Name);
            return;
        }

        string way = sends <= accepts ? "may sign" : "is accepted";
        TimeSpan mark = until > now ? MarkOf(chain, until, until - now) : TimeSpan.Zero;
        bool isSaid = _told.TryGetValue(chain.Name, out (DateTimeOffset Until, TimeSpan Left) told) && told.Left <= mark && (told.Until == until || mark == TimeSpan.Zero);
        if (isSaid || mark == TimeSpan.MaxValue)
        {
            return;
        }

        _told[chain.Name] = (until, mark);
        _log(until <= now
            ? $"warning: key chain {chain.Name}: no key {way} now: its connections do not go on until one does; give it the next one"
            : $"warning: key chain {chain.Name}: no key {way} from {until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z on, in {TextOf(until - now)}; make the next one in time: tcpao keys rollover {chain.Name}");
    }

    /// <summary>The mark that was passed last; <see cref="TimeSpan.MaxValue"/> before the first.</summary>
    private static TimeSpan MarkOf(KeyChain chain, DateTimeOffset until, TimeSpan left)
    {
        TimeSpan longest = TimeSpan.Zero;
        foreach (AoKey key in chain.AoKeys)
        {
            foreach (KeyLifetime lifetime in (ReadOnlySpan<KeyLifetime>)[key.SendLifetime, key.AcceptLifetime])
            {
                longest = lifetime.End == until && lifetime.End - lifetime.Start > longest ? lifetime.End - lifetime.Start : longest;
            }
        }

        TimeSpan first = longest / Quarter < s_marks[0] ? longest / Quarter : s_marks[0];
        TimeSpan passed = left <= first ? first : TimeSpan.MaxValue;
        foreach (TimeSpan mark in s_marks)
        {
            passed = mark < first && left <= mark ? mark : passed;
        }

        return passed;
    }

    private static string TextOf(TimeSpan left) =>
        left >= TimeSpan.FromDays(2) ? $"{(int)left.TotalDays} days"
        : left >= TimeSpan.FromHours(2) ? $"{(int)left.TotalHours} hours"
        : left >= TimeSpan.FromMinutes(2) ? $"{(int)left.TotalMinutes} minutes"
        : $"{(int)Math.Ceiling(left.TotalSeconds)} s";
}
