using System.Globalization;
using TcpAo.Keys;

namespace TcpAo.Hosting.Recipes;

/// <summary>Times as routers write them, in UTC.</summary>
internal static class RouterTime
{
    // what "since ever" is where a beginning has to be named
    private static readonly DateTimeOffset s_longAgo = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary><c>00:00:00 Jan 1 2026</c></summary>
    internal static string Ios(DateTimeOffset instant) => Text(instant, "HH:mm:ss MMM d yyyy");

    /// <summary><c>00:00:00 january 01 2026</c></summary>
    internal static string IosXr(DateTimeOffset instant) => Text(instant, "HH:mm:ss MMMM dd yyyy").ToLowerInvariant();

    /// <summary><c>2026-1-1.00:00:00 +0000</c></summary>
    internal static string Junos(DateTimeOffset instant) => Text(instant, "yyyy-M-d.HH:mm:ss +0000");

    /// <summary><c>2026-01-01T00:00:00.0+00:00</c></summary>
    internal static string Sros(DateTimeOffset instant) => Text(instant, "yyyy-MM-dd'T'HH:mm:ss.0'+00:00'");

    /// <summary><c>2026-01-01 00:00:00</c></summary>
    internal static string Eos(DateTimeOffset instant) => Text(instant, "yyyy-MM-dd HH:mm:ss");

    /// <summary>Beginning and end, the latter <c>infinite</c> where there is none.</summary>
    internal static string Span(KeyLifetime lifetime, Func<DateTimeOffset, string> text) => $"{text(lifetime.Start)} {(lifetime.End == DateTimeOffset.MaxValue ? "infinite" : text(lifetime.End))}";

    private static string Text(DateTimeOffset instant, string format) => (instant < s_longAgo ? s_longAgo : instant).UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
}
