using TcpAo.Diagnostics;

namespace TcpAo.Hosting.Telemetry;

/// <summary>One of the events that can be traced.</summary>
/// <param name="Kind">What the engine calls it.</param>
/// <param name="Name">Its name: Linux', or one that begins with <c>tcpao_</c> where Linux has no such event.</param>
/// <param name="Fields">What it tells beside what all tell.</param>
/// <param name="IsOfPeersSegment">Whether the source is the peer: Linux orders the ends as the segment has them, or our end first where the event is a socket's.</param>
/// <param name="Meaning">What happened, in a few words.</param>
public sealed record TraceEventType(AoEventKind Kind, string Name, TraceFields Fields, bool IsOfPeersSegment, string Meaning)
{
    /// <summary>Whether Linux has an event of this name, in its system <c>tcp</c>.</summary>
    public bool IsOfLinux => !Name.StartsWith("tcpao_", StringComparison.Ordinal);

    /// <summary>Names of the fields that it has beside what all have, in the order in which they are written.</summary>
    public IReadOnlyList<string> FieldNames =>
    [
        .. Names(TraceFields.L3Index, "l3index"),
        .. Names(TraceFields.Flags, "fin", "syn", "rst", "psh", "ack"),
        .. Names(TraceFields.KeyId, "keyid"),
        .. Names(TraceFields.RNext, "rnext"),
        .. Names(TraceFields.MacLength, "maclen"),
        .. Names(TraceFields.Sne, "sne"),
        .. Names(TraceFields.Reason, "reason"),
    ];

    /// <summary>Whether it has all of some fields.</summary>
    public bool Has(TraceFields fields) => (Fields & fields) == fields;

    private string[] Names(TraceFields field, params string[] names) => Has(field) ? names : [];
}
