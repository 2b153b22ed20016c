using TcpAo.Hosting.Configuration;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>Times and durations as an operator types them: in the words of the configuration.</summary>
public static class OperatorTime
{
    /// <summary>What is accepted, for messages.</summary>
    public const string InstantRule = "a time such as 2026-01-31T00:00:00Z, or now";

    /// <summary>What is accepted, for messages.</summary>
    public const string DurationRule = "a duration such as 90s, 5m, 12h or 30d";

    /// <summary>Reads <c>now</c> or a time with its offset.</summary>
    public static bool TryParseInstant(string text, DateTimeOffset now, out DateTimeOffset instant)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text is "now")
        {
            instant = now;
            return true;
        }

        return TimeText.TryParseInstant(text, out instant, out _);
    }

    /// <summary>Reads a duration.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TimeText.TryParseDuration(text, out duration);
    }
}
