// include/trace/events/tcp.h of Linux 6.12 and later: the names and fields of the trace events about TCP-AO and TCP MD5 (linux-uapi 6).
using System.Collections.Immutable;
using TcpAo.Diagnostics;

namespace TcpAo.Hosting.Telemetry;

/// <summary>The events that can be traced.</summary>
public static class TraceEvents
{
    // Linux' event classes
    private const TraceFields Hash = TraceFields.L3Index | TraceFields.Flags | TraceFields.Reason;
    private const TraceFields Ao = Hash | Ids | TraceFields.MacLength;
    private const TraceFields Ids = TraceFields.KeyId | TraceFields.RNext;

    private const TraceFields Segment = TraceFields.L3Index | TraceFields.Flags;

    /// <summary>What all events tell, in the order in which it is written.</summary>
    public static ImmutableArray<string> CommonFields { get; } =
        ["time", "event", "net-cookie", "namespace", "state", "family", "source", "source-port", "destination", "destination-port"];

    /// <summary>The events, by kind.</summary>
    public static ImmutableArray<TraceEventType> All { get; } =
    [
        Peers(AoEventKind.BadHeader, "tcp_hash_bad_header", Hash, "the header or its options break the rules"),
        Peers(AoEventKind.AoRequired, "tcp_hash_ao_required", Hash, "an unsigned segment was refused"),
        Peers(AoEventKind.Md5Required, "tcp_hash_md5_required", Hash, "a segment without TCP MD5 was refused"),
        Peers(AoEventKind.Md5Unexpected, "tcp_hash_md5_unexpected", Hash, "a segment with TCP MD5 was refused where none is used"),
        Peers(AoEventKind.Md5Mismatch, "tcp_hash_md5_mismatch", Hash, "a TCP MD5 digest is wrong"),
        Peers(AoEventKind.HandshakeFailure, "tcp_ao_handshake_failure", Ao, "a segment is signed, or is not, unlike the connection's SYN"),
        Peers(AoEventKind.WrongMacLength, "tcp_ao_wrong_maclen", Ao, "the MAC is not as long as the key says"),
        Peers(AoEventKind.MacMismatch, "tcp_ao_mismatch", Ao, "the MAC is wrong"),
        Peers(AoEventKind.KeyNotFound, "tcp_ao_key_not_found", Ao, "no key that is accepted has the KeyID"),
        Peers(AoEventKind.RNextRequest, "tcp_ao_rnext_request", Ao & ~TraceFields.Reason, "the peer asks for another key (rnext) than ours (keyid)"),
        Ours(AoEventKind.SynAckNoKey, "tcp_ao_synack_no_key", Ids | TraceFields.Reason, "the SYN asks for a key (keyid) that there is not: no SYN-ACK is sent"),
        Ours(AoEventKind.SendSneUpdate, "tcp_ao_snd_sne_update", TraceFields.Sne, "our sequence numbers wrapped"),
        Ours(AoEventKind.ReceiveSneUpdate, "tcp_ao_rcv_sne_update", TraceFields.Sne, "the peer's sequence numbers wrapped"),
        Ours(AoEventKind.CurrentKeyChanged, "tcpao_current_key", TraceFields.KeyId, "we sign with another key from now on"),
        Ours(AoEventKind.RNextKeyChanged, "tcpao_rnext_key", TraceFields.RNext, "we ask the peer for another key from now on"),
        Peers(AoEventKind.Established, "tcpao_established", Segment | Ids | TraceFields.MacLength, "both ends have signed"),
        Ours(AoEventKind.Unprotected, "tcpao_unprotected", TraceFields.L3Index, "the connection goes on unsigned, as its mode allows"),
        Ours(AoEventKind.NotSent, "tcpao_not_sent", Segment | TraceFields.Reason, "a segment of ours was held back"),
        Ours(AoEventKind.IcmpIgnored, "tcpao_icmp_ignored", TraceFields.L3Index, "an ICMP error that would end the connection was ignored"),
        Ours(AoEventKind.FastOpenGivenUp, "tcpao_fast_open_given_up", Segment, "Fast Open was taken out of a segment of ours"),
        Ours(AoEventKind.MultipathGivenUp, "tcpao_multipath_given_up", Segment, "Multipath TCP was taken out of a segment of ours"),
        Peers(AoEventKind.PeerKeyOver, "tcpao_peer_key_over", Segment | Ids, "the peer signs with a key that is over, and does not follow"),
    ];

    /// <summary>The event of a kind.</summary>
    public static TraceEventType Of(AoEventKind kind) => All[(int)kind];

    /// <summary>The event of a name; null where there is none.</summary>
    public static TraceEventType? Find(string name) => All.FirstOrDefault(type => string.Equals(type.Name, name, StringComparison.Ordinal));

    private static TraceEventType Peers(AoEventKind kind, string name, TraceFields fields, string meaning) => new(kind, name, fields, IsOfPeersSegment: true, meaning);

    private static TraceEventType Ours(AoEventKind kind, string name, TraceFields fields, string meaning) => new(kind, name, fields, IsOfPeersSegment: false, meaning);
}
