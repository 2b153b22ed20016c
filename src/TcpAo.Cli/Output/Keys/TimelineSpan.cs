using System.Collections.Immutable;
using TcpAo.KeyChains;

namespace TcpAo.Cli.Output.Keys;

/// <summary>The time that a timeline shows: all beginnings and ends of a chain's lifetimes, and some time around them.</summary>
/// <param name="Start">Its left end.</param>
/// <param name="End">Its right end.</param>
internal readonly record struct TimelineSpan(DateTimeOffset Start, DateTimeOffset End)
{
    private static readonly TimeSpan s_leastSpan = TimeSpan.FromDays(2);

    public static TimelineSpan Of(KeyChain chain, DateTimeOffset now)
    {
        ImmutableArray<DateTimeOffset> instants = KeyChainTimeline.Instants(chain);
        DateTimeOffset first = instants.IsEmpty || instants[0] > now ? now : instants[0];
        DateTimeOffset last = instants.IsEmpty || instants[^1] < now ? now : instants[^1];
        TimeSpan margin = (last - first) / 10;
        margin = margin < s_leastSpan / 2 && last - first < s_leastSpan ? (last - first > TimeSpan.FromMinutes(10) ? (last - first) / 5 : s_leastSpan / 2) : margin;
        return new TimelineSpan(Before(first, margin), After(last, margin));
    }

    /// <summary>The middle of the piece at <paramref name="place"/> of <paramref name="count"/>.</summary>
    public DateTimeOffset At(int place, int count) => Start + ((End - Start) * ((place + 0.5) / count));

    /// <summary>The piece that an instant is in.</summary>
    public int Place(DateTimeOffset instant, int count) => Math.Clamp((int)Math.Round(Share(instant) * count), 0, count);

    /// <summary>Where an instant lies between start and end, 0 to 1.</summary>
    public double Share(DateTimeOffset instant) => instant <= Start ? 0 : instant >= End ? 1 : (instant - Start) / (End - Start);

    private static DateTimeOffset Before(DateTimeOffset instant, TimeSpan margin) => instant - DateTimeOffset.MinValue <= margin ? DateTimeOffset.MinValue : instant - margin;

    private static DateTimeOffset After(DateTimeOffset instant, TimeSpan margin) => DateTimeOffset.MaxValue - instant <= margin ? DateTimeOffset.MaxValue : instant + margin;
}
