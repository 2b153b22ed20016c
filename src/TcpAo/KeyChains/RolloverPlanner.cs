using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>
/// Plans the change to a new key so that no segment is lost: it is accepted first, then it signs, then the old key stops signing, then it is not accepted any
/// more. Sources: RFC 5925 section 6.1, RFC 8177 section 2 (R-123: a key without an end never gives way, so the old one gets an end).
/// </summary>
public static class RolloverPlanner
{
    // what Junos and SR OS have room for
    private const int SmallIds = 64;

    /// <summary>Plans a rollover.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="accepts">The accept lifetimes of its keys as they are written, without tolerance, in the order of the keys.</param>
    /// <param name="times">The pace.</param>
    /// <param name="now">The time.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="reason">Why there is none: a sentence.</param>
    public static bool TryPlan(
        KeyChain chain,
        IReadOnlyList<KeyLifetime> accepts,
        RolloverTimes times,
        DateTimeOffset now,
        [NotNullWhen(true)] out RolloverPlan? plan,
        [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(accepts);
        ArgumentNullException.ThrowIfNull(times);
        plan = null;
        DateTimeOffset today = WholeSecond(now);
        DateTimeOffset sendFrom = WholeSecond(times.SendFrom ?? today + times.Lead);
        DateTimeOffset oldSendEnd = sendFrom + times.Overlap;
        DateTimeOffset oldAcceptEnd = oldSendEnd + times.Overlap;
        reason = Obstacle(chain, times, today, sendFrom, oldSendEnd);
        if (reason is not null)
        {
            return false;
        }

        if (!TryChooseIds(chain, out ulong id, out byte wireId))
        {
            reason = $"chain {chain.Name} has no id left that is free in both directions; retire keys that are over";
            return false;
        }

        var cuts = new List<RolloverCut>();
        var warnings = new List<string>();
        for (int index = 0; index < chain.Keys.Length; index++)
        {
            AoKey key = chain.Keys[index].Key;
            KeyLifetime send = Cut(key.SendLifetime, oldSendEnd);
            KeyLifetime accept = Cut(accepts[index], oldAcceptEnd);
            if (send != key.SendLifetime || accept != accepts[index])
            {
                cuts.Add(new RolloverCut(index, send, accept));
            }

            if (!key.SendLifetime.IsEmpty && key.SendLifetime.End > today && key.SendLifetime.End < oldSendEnd)
            {
                warnings.Add($"{key.Name} stops signing at {Text(key.SendLifetime.End)} already, before the overlap is over");
            }
        }

        if (KeyChainSelector.SendKey(chain, today) is null)
        {
            warnings.Add($"no key of the chain signs now: until {Text(sendFrom)} nothing of these peers passes; --lead 0 begins at once");
        }

        KeyLifetime newSend = new(sendFrom, times.Duration is { } duration ? sendFrom + duration : DateTimeOffset.MaxValue);
        KeyLifetime newAccept = new(today, times.Duration is null ? DateTimeOffset.MaxValue : newSend.End + times.Overlap);
        plan = new RolloverPlan(id, wireId, wireId, newSend, newAccept, [.. cuts], [.. warnings]);
        return true;
    }

    /// <summary>
    /// Ids for a new key: the number after the highest, and one KeyID for both directions that neither direction has, the next above those in use; it stays
    /// below 64, for routers, while the chain does.
    /// </summary>
    public static bool TryChooseIds(KeyChain chain, out ulong id, out byte wireId)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var used = new HashSet<int>(chain.Keys.SelectMany(entry => (int[])[entry.Key.SendId, entry.Key.RecvId]));
        var numbers = new HashSet<ulong>(chain.Keys.Select(entry => entry.Id));
        ulong highest = numbers.Count == 0 ? 0 : numbers.Max();
        id = highest == ulong.MaxValue ? FirstFree(numbers) : highest + 1;
        int top = used.Count == 0 ? 0 : used.Max();
        int limit = top < SmallIds ? SmallIds : byte.MaxValue + 1;
        IEnumerable<int> candidates = [.. Enumerable.Range(top + 1, Math.Max(0, limit - top - 1)), .. Enumerable.Range(0, top + 1), .. Enumerable.Range(limit, byte.MaxValue + 1 - limit)];
        int chosen = candidates.Where(candidate => !used.Contains(candidate)).DefaultIfEmpty(-1).First();
        wireId = (byte)Math.Max(chosen, 0);
        return chosen >= 0;
    }

    private static string? Obstacle(KeyChain chain, RolloverTimes times, DateTimeOffset today, DateTimeOffset sendFrom, DateTimeOffset oldSendEnd)
    {
        if (chain.Keys.Any(entry => entry.Key.Algorithm.IsTcpMd5))
        {
            return $"chain {chain.Name} is TCP MD5, which has no key ids to roll by";
        }

        if (sendFrom < today)
        {
            return $"the new key cannot begin to sign at {Text(sendFrom)}, which is past";
        }

        if (times.Duration is { } duration && duration <= times.Overlap)
        {
            return "the new key has to sign for longer than the overlap";
        }

        if (chain.Keys.FirstOrDefault(entry => !entry.Key.SendLifetime.IsEmpty && entry.Key.SendLifetime.Start > today) is { } scheduled)
        {
            return $"{scheduled.Key.Name} is to sign from {Text(scheduled.Key.SendLifetime.Start)} on: a change is under way already; wait for it, or retire that key";
        }

        AoKey? signing = KeyChainSelector.SendKey(chain, today);
        DateTimeOffset last = chain.Keys.Where(entry => !entry.Key.SendLifetime.IsEmpty).Select(entry => entry.Key.SendLifetime.End).DefaultIfEmpty(DateTimeOffset.MinValue).Max();
        return signing is not null && last < sendFrom
            ? $"no key would sign from {Text(last)} until {Text(sendFrom)}; begin earlier with --lead or --at"
            : times.Duration is { } length && sendFrom + length <= oldSendEnd ? "the new key has to outlast the old ones" : null;
    }

    private static KeyLifetime Cut(KeyLifetime lifetime, DateTimeOffset end) => lifetime.IsEmpty || lifetime.End <= end ? lifetime : lifetime with { End = end };

    private static ulong FirstFree(HashSet<ulong> numbers)
    {
        ulong free = 0;
        while (numbers.Contains(free))
        {
            free++;
        }

        return free;
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset instant) => new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
