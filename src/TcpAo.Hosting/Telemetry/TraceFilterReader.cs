using System.Globalization;
using System.Numerics;
using TcpAo.Hosting.Configuration;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Hosting.Telemetry;

/// <summary>Reads the conditions of a filter.</summary>
internal static class TraceFilterReader
{
    private const string Event = "event";

    private static readonly string[] s_names = [Event, "peer", "source", "destination", "family", "l3index", "flags", "keyid", "rnext", "maclen", "namespace"];

    /// <summary>The filter, or null and what is wrong.</summary>
    public static TraceFilter? Read(IEnumerable<KeyValuePair<string, string>> conditions, out string? problem)
    {
        var filter = new TraceFilter();
        List<TraceEventType> named = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach ((string name, string value) in conditions)
        {
            if (string.Equals(name, Event, StringComparison.Ordinal))
            {
                if (TraceEvents.Find(value) is not { } type)
                {
                    problem = $"There is no event {Shown.Quoted(value)}{Hint(value, TraceEvents.All.Select(known => known.Name))}; 'tcpao trace --list' has all.";
                    return null;
                }

                named.Add(type);
                continue;
            }

            problem = !seen.Add(name) ? $"{Shown.Bare(name)} is given twice." : Add(ref filter, name, value);
            if (problem is not null)
            {
                return null;
            }
        }

        if (named.Find(type => !type.Has(filter.Needs)) is { } lacking)
        {
            TraceFields missing = filter.Needs & ~lacking.Fields;
            problem = $"Event {lacking.Name} has no {NameOf(missing)}; 'tcpao trace --list' says what each has.";
            return null;
        }

        problem = null;
        return named.Count == 0 ? filter : filter with { Events = named.Aggregate(0u, static (bits, type) => bits | TraceFilter.BitOf(type.Kind)) };
    }

    /// <summary>Adds a condition; what is wrong with it, or null.</summary>
    private static string? Add(ref TraceFilter filter, string name, string value)
    {
        string? problem = null;
        filter = name switch
        {
            "peer" => filter with { Peer = Prefix(value, ref problem) },
            "source" => filter with { Source = End(value, ref problem) },
            "destination" => filter with { Destination = End(value, ref problem) },
            "family" => filter with { Family = Number(value, 4, 6, ref problem) },
            "l3index" => filter with { L3Index = Number(value, 0, int.MaxValue, ref problem) },
            "flags" => WithFlags(filter, value, ref problem),
            "keyid" => filter with { KeyId = Number<int>(value, 0, byte.MaxValue, ref problem) },
            "rnext" => filter with { RNext = Number<int>(value, 0, byte.MaxValue, ref problem) },
            "maclen" => filter with { MacLength = Number(value, 0, 36, ref problem) },
            "namespace" => filter with { Namespace = Number<ulong>(value, 0, ulong.MaxValue, ref problem) },
            _ => filter,
        };
        if (!s_names.Contains(name, StringComparer.Ordinal))
        {
            return $"There is no condition {Shown.Quoted(name)}{Hint(name, s_names)}; there are {string.Join(", ", s_names)}.";
        }

        if (filter.Family == 5)
        {
            problem = "'5' is neither 4 nor 6.";
        }

        return problem is null ? null : $"{name}: {Shown.Bare(problem, int.MaxValue)}";
    }

    private static IpPrefix Prefix(string value, ref string? problem)
    {
        _ = IpPrefix.TryParse(value, out IpPrefix prefix, out problem);
        return prefix;
    }

    private static TraceEndpoint End(string value, ref string? problem)
    {
        _ = TraceEndpoint.TryParse(value, out TraceEndpoint end, out problem);
        return end;
    }

    private static T? Number<T>(string value, T least, T most, ref string? problem)
        where T : struct, INumber<T>
    {
        if (T.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out T number) && number >= least && number <= most)
        {
            return number;
        }

        problem = string.Create(CultureInfo.InvariantCulture, $"{Shown.Quoted(value)} is no number from {least} to {most}.");
        return null;
    }

    /// <summary>Letters of flags that must be set and, behind a hyphen, of flags that must not.</summary>
    private static TraceFilter WithFlags(TraceFilter filter, string value, ref string? problem)
    {
        TcpFlags set = TcpFlags.None;
        TcpFlags clear = TcpFlags.None;
        bool isClear = false;
        foreach (char letter in value)
        {
            TcpFlags flag = letter switch
            {
                'S' => TcpFlags.Syn,
                'F' => TcpFlags.Fin,
                'R' => TcpFlags.Rst,
                'P' => TcpFlags.Psh,
                'A' => TcpFlags.Ack,
                _ => TcpFlags.None,
            };
            if (flag == TcpFlags.None && (letter != '-' || isClear))
            {
                problem = Malformed(value);
                return filter;
            }

            isClear |= flag == TcpFlags.None;
            set |= isClear ? TcpFlags.None : flag;
            clear |= isClear ? flag : TcpFlags.None;
        }

        problem = (set | clear) == TcpFlags.None || (set & clear) != TcpFlags.None ? Malformed(value) : null;
        return filter with { FlagsSet = set, FlagsClear = clear };

        static string Malformed(string value) => $"{Shown.Quoted(value)}: give letters of SFRPA that are set and, behind a hyphen, others that are not, such as S-A.";
    }

    private static string NameOf(TraceFields fields) =>
        (fields & TraceFields.L3Index) != TraceFields.None ? "l3index"
        : (fields & TraceFields.Flags) != TraceFields.None ? "flags"
        : (fields & TraceFields.KeyId) != TraceFields.None ? "keyid"
        : (fields & TraceFields.RNext) != TraceFields.None ? "rnext"
        : "maclen";

    private static string Hint(string written, IEnumerable<string> known) => Spelling.Suggest(written, known) is { } hint ? $" ({hint})" : string.Empty;
}
