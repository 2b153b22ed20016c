using System.Collections.Immutable;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Cli.Output.Keys;

/// <summary>The timeline of a chain in letters: a row for each key, past on the left, now in the middle mark, next changes below.</summary>
internal static class TimelineText
{
    private const int Width = 60;
    private const int MaxChanges = 6;

    public static string Of(KeyChain chain, DateTimeOffset now)
    {
        using var text = new StringWriter { NewLine = "\n" };
        TimelineSpan span = TimelineSpan.Of(chain, now);
        int mark = span.Place(now, Width);
        text.WriteLine($"chain {chain.Name}: {KeysText.Time(span.Start)} to {KeysText.Time(span.End)}; # signs, = is accepted, | now");
        int label = chain.Keys.Select(entry => $"{entry.Id}".Length).Max();
        foreach (KeyChainKey entry in chain.Keys)
        {
            char[] row = [.. Enumerable.Range(0, Width).Select(at => At(chain, entry.Key, span.At(at, Width)))];
            text.WriteLine($"  {$"{entry.Id}".PadLeft(label)} {new string(row, 0, mark)}|{new string(row, mark, Width - mark)}  {(entry.Key.Algorithm.IsTcpMd5 ? "" : $"ids {entry.Key.SendId}/{entry.Key.RecvId}, ")}{KeyListText.StateOf(chain, entry.Key, now)}");
        }

        text.WriteLine($"  now: signs with {Name(KeyChainSelector.SendKey(chain, now))}, asks for {Name(KeyChainSelector.RNextKey(chain, now))}");
        foreach ((DateTimeOffset at, string what) in Changes(chain, now).Take(MaxChanges))
        {
            text.WriteLine($"  {KeysText.Time(at)}: {what}");
        }

        return text.ToString();
    }

    /// <summary>What changes, and when, in words.</summary>
    public static IEnumerable<(DateTimeOffset At, string What)> Changes(KeyChain chain, DateTimeOffset now)
    {
        ImmutableArray<KeyChainChange> sends = KeyChainTimeline.SendChanges(chain, now);
        ImmutableArray<KeyChainChange> asks = KeyChainTimeline.RNextChanges(chain, now);
        return sends.Select(change => (change.At, $"signs with {Name(change.After)}{(change.After is null ? ": NOTHING PASSES FROM THEN ON" : "")}"))
            .Concat(asks.Select(change => (change.At, $"asks for {Name(change.After)}")))
            .Concat(chain.Keys.Where(entry => IsEnd(entry.Key.AcceptLifetime, now)).Select(entry => (entry.Key.AcceptLifetime.End, $"{entry.Key.Name} is not accepted any more")))
            .OrderBy(change => change.Item1);
    }

    private static bool IsEnd(KeyLifetime lifetime, DateTimeOffset now) => !lifetime.IsEmpty && lifetime.End > now && lifetime.End != DateTimeOffset.MaxValue;

    private static char At(KeyChain chain, AoKey key, DateTimeOffset at) =>
        ReferenceEquals(KeyChainSelector.SendKey(chain, at), key) ? '#' : key.CanAccept(at) ? '=' : '.';

    private static string Name(AoKey? key) => key?.Name ?? "no key";
}
