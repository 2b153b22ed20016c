// Which segments of a capture are authentic, and why the others are not.
//
// A segment is judged with the ISNs of its connection. They come from a SYN, SYN-ACK or final ACK that verified, never from one that
// did not, so that a corrupt handshake segment poisons nothing. TCP checksums are not judged: a capture on the sending host holds them
// before the network card fills them in.

using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>
/// Verifies the TCP segments of a capture, one after the other, with configured keys. Sans-IO: frames in, reports out. Memory is bounded:
/// the connections not seen for longest are given up when there are too many.
/// </summary>
public sealed partial class CaptureVerifier
{
    private readonly CaptureKeys _keys;
    private readonly Func<SignedConnections?>? _lookAhead;
    private readonly HintFinder _hints;
    private readonly VerifiedConnections _connections;
    private SignedConnections? _signed;
    private bool _lookedAhead;
    private readonly bool _hasMd5Keys;

    /// <summary>Creates a verifier.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="knownIsns">ISNs of connections that begin before the capture.</param>
    /// <param name="lookAhead">
    /// Gives the connections that have TCP-AO segments anywhere in the capture; called once, when an unsigned segment asks for it. Null, or a null
    /// result, where the capture can be read only once: then only what came before counts.
    /// </param>
    public CaptureVerifier(CaptureKeys keys, IEnumerable<KnownIsns>? knownIsns = null, Func<SignedConnections?>? lookAhead = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _keys = keys;
        _lookAhead = lookAhead;
        _hints = new HintFinder(keys);
        _hasMd5Keys = keys.Chains.Any(chain => chain.Keys.Keys.Any(key => key.Algorithm.IsTcpMd5));
        _connections = new VerifiedConnections(keys.Peers, knownIsns ?? []);
    }

    /// <summary>How often all ports of an address may be tried for a hint; each time costs 65 536 MACs.</summary>
    internal int PortSearches
    {
        get => _hints.PortSearches;
        set => _hints.PortSearches = value;
    }

    /// <summary>Whether hints are searched for.</summary>
    internal bool FindsHints { get; init; } = true;

    /// <summary>Socket pairs that are remembered now.</summary>
    internal int RememberedConnections => _connections.Remembered;

    /// <summary>Connections met so far; a socket pair that is used again counts again.</summary>
    public long ConnectionCount => _connections.Count;

    /// <summary>What is remembered of each socket pair, in the order of their first segment.</summary>
    public IEnumerable<ConnectionSummary> Summaries => _connections.Summaries;

    /// <summary>Judges one frame.</summary>
    /// <param name="frame">Its number, rising.</param>
    /// <param name="ip">The IP packet in it.</param>
    /// <param name="report">The verdict.</param>
    /// <returns>False when the frame holds no TCP segment.</returns>
    public bool TryVerify(long frame, ReadOnlySpan<byte> ip, out SegmentReport report)
    {
        DropReason reason = TcpPacket.TryParse(ip, out TcpPacket packet, PacketOrigin.Capture);
        return TryVerify(frame, ip, packet, reason, default, out report);
    }

    private bool TryVerify(long frame, ReadOnlySpan<byte> ip, in TcpPacket packet, DropReason reason, in ForeseenMac foreseen, out SegmentReport report)
    {
        if (reason is DropReason.NotTcp or DropReason.IpVersionUnknown || (reason == DropReason.IpFragment && !packet.IsFirstFragment))
        {
            report = default;
            return false;
        }

        if (!packet.HasPorts)
        {
            if (!IsCertainlyTcp(ip))
            {
                report = default;
                return false;
            }

            report = new SegmentReport { Frame = frame, Reason = reason, Verdict = VerdictOfUnreadable(reason) };
            return true;
        }

        var source = new CaptureEndpoint(IpAddressBits.FromBytes(packet.SourceAddress), packet.SourcePort);
        var destination = new CaptureEndpoint(IpAddressBits.FromBytes(packet.DestinationAddress), packet.DestinationPort);
        SocketPair pair = CapturedConnection.Normalize(source, destination, out bool fromFirst);
        CapturedConnection connection = _connections.Get(pair, frame, out bool isNew);
        if (isNew)
        {
            _hints.NoteAddress(source.Address);
            _hints.NoteAddress(destination.Address);
        }

        var segment = new Segment(packet, source, destination, fromFirst, frame, foreseen);
        Judgement judgement = reason != DropReason.None
            ? new Judgement(VerdictOfUnreadable(reason), reason)
            : packet.HasAo
                ? JudgeSigned(segment, connection)
                : JudgeWithoutAo(segment, connection);
        report = new SegmentReport
        {
            Frame = frame,
            Source = source,
            Destination = destination,
            Flags = packet.Flags,
            KeyId = packet.HasAo ? packet.KeyId : null,
            RNextKeyId = packet.HasAo ? packet.RNextKeyId : null,
            MacLength = packet.HasAo ? packet.MacLength : packet.HasMd5 ? packet.Md5Digest.Length : null,
            Sne = judgement.Sne,
            Verdict = judgement.Verdict,
            Key = judgement.Key,
            Reason = judgement.Reason,
            Hint = judgement.Hint,
        };
        connection.Summary.Add(report, fromFirst);
        return true;
    }

    /// <summary>Whether a segment verifies that may open a connection, and the ISNs that are known by it.</summary>
    internal bool TryVerifyHandshake(long frame, in TcpPacket packet, in SocketPair normalizedPair, out uint firstIsn, out uint secondIsn)
    {
        (firstIsn, secondIsn) = (0, 0);
        if (!TryVerify(frame, packet.Bytes, out SegmentReport report) || report.Verdict != SegmentVerdict.Valid || report.KeyId is null)
        {
            return false;
        }

        CapturedConnection connection = _connections.Get(normalizedPair, frame, out _);
        ConnectionLife? life = connection.Begun.Count > 0 ? connection.Begun[0] : connection.Live;
        if (life is null)
        {
            return false;
        }

        bool isFirstLocal = life.Binding.IsFromLocal(new CaptureEndpoint(normalizedPair.Local, normalizedPair.LocalPort));
        (firstIsn, secondIsn) = (life.SourceIsn(isFirstLocal), life.DestinationIsn(isFirstLocal));
        return true;
    }

    /// <summary>Whether the fixed IP header says TCP: a damaged or cut packet of another protocol is no segment.</summary>
    private static bool IsCertainlyTcp(ReadOnlySpan<byte> ip)
    {
        int protocol = ip.IsEmpty ? 0 : ip[0] >> 4 == 4 ? 9 : 6;
        return ip.Length > protocol && protocol != 0 && ip[protocol] == 6;
    }

    private static SegmentVerdict VerdictOfUnreadable(DropReason reason) =>
        reason is DropReason.PacketTruncated or DropReason.IpFragment ? SegmentVerdict.Unverifiable : SegmentVerdict.Malformed;
}
