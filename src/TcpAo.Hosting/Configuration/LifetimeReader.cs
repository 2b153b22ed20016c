using System.Collections.Immutable;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>
/// Reads a lifetime: <c>always</c>, or a start with an end, a duration or neither; an end alone counts since ever.
/// A lifetime whose end is its start is empty and closes that way. Source: RFC 8177 section 2.
/// </summary>
internal static class LifetimeReader
{
    private static readonly ImmutableArray<string> s_keys = ["start", "end", "duration", "always"];

    /// <summary>The lifetime under <paramref name="key"/>; always when there is none, or none that is right (reported then).</summary>
    internal static KeyLifetime Read(ConfigMap owner, string key, ConfigReport report)
    {
        if (owner.Find(key) is not { } node || (node.Kind == ConfigNodeKind.Scalar && node.Text is "always"))
        {
            return KeyLifetime.Always;
        }

        if (node.Kind == ConfigNodeKind.Scalar)
        {
            owner.Error(key, "must be 'always' or a mapping such as { start: 2026-01-31T00:00:00Z, end: 2026-06-30T00:00:00Z }");
            return KeyLifetime.Always;
        }

        return ConfigMap.Read(node, owner.PathOf(key), report, s_keys) is { } map ? Read(map) : KeyLifetime.Always;
    }

    private static KeyLifetime Read(ConfigMap map)
    {
        bool always = map.Flag("always", false);
        DateTimeOffset? start = Instant(map, "start");
        DateTimeOffset? end = Instant(map, "end");
        TimeSpan? duration = Duration(map, "duration");
        if (always)
        {
            if (map.Has("start") || map.Has("end") || map.Has("duration"))
            {
                map.Error("always", "always stands alone, without start, end or duration");
            }

            return KeyLifetime.Always;
        }

        if (map.Has("end") && map.Has("duration"))
        {
            map.Error("duration", "only one of end and duration may be given");
            return KeyLifetime.Always;
        }

        if (map.Has("duration") && !map.HasOrMeant("start"))
        {
            map.Error("duration", "a duration needs a start to count from");
            return KeyLifetime.Always;
        }

        if (!map.Has("start") && !map.Has("end"))
        {
            if (!s_keys.Any(map.HasMeant))
            {
                map.Missing("start, end or 'always: true'");
            }

            return KeyLifetime.Always;
        }

        if (duration == TimeSpan.Zero)
        {
            map.Error("duration", "a duration of 0 leaves no time", "no-send: true and no-recv: true close one way");
        }
        else if (end < start)
        {
            map.Error("end", "the end is before the start");
        }

        return Between(start, end, duration);
    }

    private static KeyLifetime Between(DateTimeOffset? start, DateTimeOffset? end, TimeSpan? duration)
    {
        DateTimeOffset first = start ?? DateTimeOffset.MinValue;
        DateTimeOffset last = end ?? DateTimeOffset.MaxValue;
        if (duration is { } length)
        {
            last = DateTimeOffset.MaxValue - first <= length ? DateTimeOffset.MaxValue : first + length;
        }

        return last <= first ? KeyLifetime.Never : new KeyLifetime(first, last);
    }

    private static DateTimeOffset? Instant(ConfigMap map, string key)
    {
        if (map.Scalar(key) is not { } node)
        {
            return null;
        }

        if (TimeText.TryParseInstant(node.Text, out DateTimeOffset instant, out string? hint))
        {
            return instant;
        }

        map.Error(key, $"{TimeText.InstantRule}, not {Shown.Quoted(node.Text)}", hint);
        return null;
    }

    /// <summary>The duration under <paramref name="key"/>; null when there is none, or none that is right (reported then).</summary>
    internal static TimeSpan? Duration(ConfigMap map, string key)
    {
        if (map.Scalar(key) is not { } node)
        {
            return null;
        }

        if (TimeText.TryParseDuration(node.Text, out TimeSpan duration))
        {
            return duration;
        }

        map.Error(key, $"{TimeText.DurationRule}, not {Shown.Quoted(node.Text)}");
        return null;
    }
}
