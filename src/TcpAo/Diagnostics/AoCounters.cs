namespace TcpAo.Diagnostics;

/// <summary>The five counters that Linux keeps for a socket and for a namespace, under its names.</summary>
public sealed class AoCounters
{
    /// <summary>Segments verified: <c>TCPAOGood</c>, <c>pkt_good</c>.</summary>
    public ulong Good { get; set; }

    /// <summary>Segments with a wrong MAC or MAC length: <c>TCPAOBad</c>, <c>pkt_bad</c>.</summary>
    public ulong Bad { get; set; }

    /// <summary>Segments whose KeyID names no key that is accepted, or whose connection is not signed: <c>TCPAOKeyNotFound</c>, <c>pkt_key_not_found</c>.</summary>
    public ulong KeyNotFound { get; set; }

    /// <summary>Unsigned segments where a signature is required: <c>TCPAORequired</c>, <c>pkt_ao_required</c>.</summary>
    public ulong Required { get; set; }

    /// <summary>ICMP hard errors ignored: <c>TCPAODroppedIcmps</c>, <c>pkt_dropped_icmp</c>.</summary>
    public ulong DroppedIcmps { get; set; }

    internal void Add(AoCounters other)
    {
        Good += other.Good;
        Bad += other.Bad;
        KeyNotFound += other.KeyNotFound;
        Required += other.Required;
        DroppedIcmps += other.DroppedIcmps;
    }

    internal void Reset()
    {
        Good = 0;
        Bad = 0;
        KeyNotFound = 0;
        Required = 0;
        DroppedIcmps = 0;
    }

    internal void Count(DropReason reason)
    {
        switch (reason)
        {
            case DropReason.None:
                Good++;
                break;
            case DropReason.MacMismatch or DropReason.MacLengthMismatch:
                Bad++;
                break;
            case DropReason.KeyNotFound or DropReason.KeyNotAccepted or DropReason.AoUnexpected:
                KeyNotFound++;
                break;
            case DropReason.AoRequired:
                Required++;
                break;
            case DropReason.IcmpIgnored:
                DroppedIcmps++;
                break;
            default:
                break;
        }
    }
}
