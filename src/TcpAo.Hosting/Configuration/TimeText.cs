using System.Globalization;

namespace TcpAo.Hosting.Configuration;

/// <summary>Durations (an integer with s, m, h or d) and instants (RFC 3339, offset required) of the configuration.</summary>
internal static class TimeText
{
    /// <summary>What a duration must look like, for messages.</summary>
    internal const string DurationRule = "must be a duration such as 90, 60s, 5m, 12h or 30d";

    /// <summary>What an instant must look like, for messages.</summary>
    internal const string InstantRule = "must be a time such as 2026-01-31T00:00:00Z or 2026-01-31T01:00:00+01:00";

    private static readonly string[] s_forms = ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF"];

    /// <summary>Reads a duration of up to 2^32-1 seconds, as RFC 8177 has it.</summary>
    internal static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        ulong unit = text.Length == 0 ? 0UL : text[^1] switch
        {
            's' or (>= '0' and <= '9') => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => 0,
        };
        ReadOnlySpan<char> digits = text.AsSpan().TrimEnd("smhd");
        if (unit == 0 || text.Length - digits.Length > 1
            || !ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)
            || count > uint.MaxValue / unit)
        {
            return false;
        }

        duration = TimeSpan.FromSeconds((long)(count * unit));
        return true;
    }

    /// <summary>Reads an instant; <paramref name="hint"/> says what is missing when only the offset is.</summary>
    internal static bool TryParseInstant(string text, out DateTimeOffset instant, out string? hint)
    {
        hint = null;
        instant = default;
        string upper = text.ToUpperInvariant();
        if (!TrySplitOffset(upper, out string local, out TimeSpan offset))
        {
            hint = TryParseLocal(upper, out _) ? "an offset is missing: add Z for UTC, or one such as +01:00" : null;
            return false;
        }

        if (!TryParseLocal(local, out DateTime time) || time.Ticks < offset.Ticks || time.Ticks - offset.Ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        instant = new DateTimeOffset(time.Ticks - offset.Ticks, TimeSpan.Zero);
        return true;
    }

    private static bool TrySplitOffset(string text, out string local, out TimeSpan offset)
    {
        local = text;
        offset = TimeSpan.Zero;
        if (text.EndsWith('Z'))
        {
            local = text[..^1];
            return true;
        }

        if (text.Length < 6 || text[^6] is not ('+' or '-') || !TimeSpan.TryParseExact(text.AsSpan(text.Length - 5), "hh\\:mm", CultureInfo.InvariantCulture, out offset))
        {
            return false;
        }

        local = text[..^6];
        offset = text[^6] == '-' ? -offset : offset;
        return true;
    }

    private static bool TryParseLocal(string text, out DateTime time) =>
        DateTime.TryParseExact(text, s_forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out time) && !text.EndsWith('.');
}
