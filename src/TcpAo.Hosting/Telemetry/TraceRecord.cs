using System.Text.Json.Serialization;
using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Hosting.Telemetry;

/// <summary>A line of a trace as JSON (docs/reference/trace.md): an event, or how many were lost. What an event does not have is null, and not written.</summary>
public sealed record TraceRecord
{
    /// <summary>Name and version of the format.</summary>
    public const string SchemaName = "tcpao.trace/1";

    /// <summary>Name of the line that tells how many events were lost.</summary>
    public const string LostName = "tcpao_lost";

    /// <summary>Name and version of the format.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>When it was.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Name of the event.</summary>
    public required string Event { get; init; }

    /// <summary>Linux' number for the network namespace.</summary>
    public ulong? NetCookie { get; init; }

    /// <summary>Inode of the network namespace.</summary>
    public ulong? Namespace { get; init; }

    /// <summary>State of the connection, as in <c>show</c>; null where there is none.</summary>
    public string? State { get; init; }

    /// <summary>4 or 6; null, as the ends, where the packet could not be read so far.</summary>
    public int? Family { get; init; }

    /// <summary>Address of the source.</summary>
    public string? Source { get; init; }

    /// <summary>Port of the source.</summary>
    public int? SourcePort { get; init; }

    /// <summary>Address of the destination.</summary>
    public string? Destination { get; init; }

    /// <summary>Port of the destination.</summary>
    public int? DestinationPort { get; init; }

    /// <summary>VRF or interface.</summary>
    [JsonPropertyName("l3index")]
    public int? L3Index { get; init; }

    /// <summary>The segment's FIN.</summary>
    public bool? Fin { get; init; }

    /// <summary>The segment's SYN.</summary>
    public bool? Syn { get; init; }

    /// <summary>The segment's RST.</summary>
    public bool? Rst { get; init; }

    /// <summary>The segment's PSH.</summary>
    public bool? Psh { get; init; }

    /// <summary>The segment's ACK.</summary>
    public bool? Ack { get; init; }

    /// <summary>KeyID of the segment, unless the event says otherwise.</summary>
    [JsonPropertyName("keyid")]
    public int? KeyId { get; init; }

    /// <summary>RNextKeyID of the segment.</summary>
    [JsonPropertyName("rnext")]
    public int? RNext { get; init; }

    /// <summary>Bytes of MAC.</summary>
    [JsonPropertyName("maclen")]
    public int? MacLength { get; init; }

    /// <summary>The new sequence number extension.</summary>
    public uint? Sne { get; init; }

    /// <summary>Why the segment was refused.</summary>
    public string? Reason { get; init; }

    /// <summary>How many events were lost before the next line.</summary>
    public long? Lost { get; init; }

    /// <summary>The line that tells how many events were lost.</summary>
    internal static TraceRecord OfLost(DateTimeOffset time, long count) => new() { Time = time, Event = LostName, Lost = count };

    /// <summary>The line of an event.</summary>
    internal static TraceRecord Of(in TracedEvent traced)
    {
        AoEvent aoEvent = traced.Event;
        TraceEventType type = TraceEvents.Of(aoEvent.Kind);
        SocketPair? ends = aoEvent.Pair == default ? null : type.IsOfPeersSegment ? aoEvent.Pair.Reversed : aoEvent.Pair;
        return new TraceRecord
        {
            Time = traced.Time,
            Event = type.Name,
            NetCookie = traced.Origin.NetCookie,
            Namespace = traced.Origin.Inode,
            State = aoEvent.State is { } state ? NameOf(state) : null,
            Family = ends is { } pair ? (pair.Local.IsIPv4 ? 4 : 6) : null,
            Source = ends?.Local.ToString(),
            SourcePort = ends?.LocalPort,
            Destination = ends?.Remote.ToString(),
            DestinationPort = ends?.RemotePort,
            L3Index = type.Has(TraceFields.L3Index) ? aoEvent.Pair.Vrf : null,
            Fin = Flag(TcpFlags.Fin),
            Syn = Flag(TcpFlags.Syn),
            Rst = Flag(TcpFlags.Rst),
            Psh = Flag(TcpFlags.Psh),
            Ack = Flag(TcpFlags.Ack),
            KeyId = type.Has(TraceFields.KeyId) ? aoEvent.KeyId : null,
            RNext = type.Has(TraceFields.RNext) ? aoEvent.RNextKeyId : null,
            MacLength = type.Has(TraceFields.MacLength) ? aoEvent.MacLength : null,
            Sne = type.Has(TraceFields.Sne) ? aoEvent.Sne : null,
            Reason = type.Has(TraceFields.Reason) && aoEvent.Reason != DropReason.None ? aoEvent.Reason.ToName() : null,
        };

        bool? Flag(TcpFlags flag) => type.Has(TraceFields.Flags) ? (aoEvent.Flags & flag) != TcpFlags.None : null;
    }

    private static string NameOf(ConnectionState state) => state switch
    {
        ConnectionState.SynSent => "syn-sent",
        ConnectionState.SynReceived => "syn-received",
        ConnectionState.Synchronized => "synchronized",
        _ => "closed",
    };
}
