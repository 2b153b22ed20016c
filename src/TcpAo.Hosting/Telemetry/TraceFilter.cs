using System.Diagnostics.CodeAnalysis;
using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Hosting.Telemetry;

/// <summary>Which events are wanted. A condition on a field is met by no event that lacks the field, as on Linux. Immutable.</summary>
public sealed record TraceFilter
{
    /// <summary>All events.</summary>
    public static TraceFilter Everything { get; } = new();

    /// <summary>A bit for each kind, see <see cref="BitOf"/>.</summary>
    internal uint Events { get; init; } = uint.MaxValue;

    /// <summary>The peer's address.</summary>
    internal IpPrefix Peer { get; init; }

    /// <summary>The end that Linux names first.</summary>
    internal TraceEndpoint Source { get; init; }

    /// <summary>The other end.</summary>
    internal TraceEndpoint Destination { get; init; }

    /// <summary>4 or 6.</summary>
    internal int? Family { get; init; }

    /// <summary>VRF or interface.</summary>
    internal int? L3Index { get; init; }

    /// <summary>Flags that must be set.</summary>
    internal TcpFlags FlagsSet { get; init; }

    /// <summary>Flags that must not be set.</summary>
    internal TcpFlags FlagsClear { get; init; }

    /// <summary>KeyID.</summary>
    internal int? KeyId { get; init; }

    /// <summary>RNextKeyID.</summary>
    internal int? RNext { get; init; }

    /// <summary>Bytes of MAC.</summary>
    internal int? MacLength { get; init; }

    /// <summary>Cookie or inode of the network namespace.</summary>
    internal ulong? Namespace { get; init; }

    /// <summary>The fields that an event must have to be wanted.</summary>
    internal TraceFields Needs =>
        (L3Index is null ? TraceFields.None : TraceFields.L3Index)
        | ((FlagsSet | FlagsClear) == TcpFlags.None ? TraceFields.None : TraceFields.Flags)
        | (KeyId is null ? TraceFields.None : TraceFields.KeyId)
        | (RNext is null ? TraceFields.None : TraceFields.RNext)
        | (MacLength is null ? TraceFields.None : TraceFields.MacLength);

    /// <summary>Reads conditions as the control socket and the command line have them (docs/reference/trace.md).</summary>
    /// <param name="conditions">Names such as <c>keyid</c>, with their values; <c>event</c> may come several times.</param>
    /// <param name="filter">What they mean together, or null after false.</param>
    /// <param name="problem">After false: what is wrong, one sentence.</param>
    public static bool TryParse(IEnumerable<KeyValuePair<string, string>> conditions, [NotNullWhen(true)] out TraceFilter? filter, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        filter = TraceFilterReader.Read(conditions, out problem);
        return filter is not null;
    }

    /// <summary>The bit of a kind in <see cref="Events"/>.</summary>
    internal static uint BitOf(AoEventKind kind) => 1u << (int)kind;

    /// <summary>Whether an event is wanted.</summary>
    internal bool Matches(TraceOrigin origin, in AoEvent aoEvent)
    {
        TraceEventType type = TraceEvents.Of(aoEvent.Kind);
        return (Events & BitOf(aoEvent.Kind)) != 0
            && type.Has(Needs)
            && (Namespace is null || Namespace == origin.NetCookie || Namespace == origin.Inode)
            && (L3Index is null || L3Index == aoEvent.Pair.Vrf)
            && (aoEvent.Flags & FlagsSet) == FlagsSet
            && (aoEvent.Flags & FlagsClear) == TcpFlags.None
            && (KeyId is null || KeyId == aoEvent.KeyId)
            && (RNext is null || RNext == aoEvent.RNextKeyId)
            && (MacLength is null || MacLength == aoEvent.MacLength)
            && MatchesEnds(type.IsOfPeersSegment ? aoEvent.Pair.Reversed : aoEvent.Pair, aoEvent.Pair.Remote);
    }

    private bool MatchesEnds(in SocketPair pair, IpAddressBits peer) =>
        (Family is null || (pair != default && Family == (pair.Local.IsIPv4 ? 4 : 6)))
        && Peer.Contains(peer)
        && Source.Matches(pair.Local, pair.LocalPort)
        && Destination.Matches(pair.Remote, pair.RemotePort);
}
