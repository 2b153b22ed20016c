// Which segments of a capture are authentic, and why the others are not.
//
// A segment is judged with the ISNs of its connection. They come from a SYN, SYN-ACK or final ACK that verified, never from one that
// did not, so that a corrupt handshake segment poisons nothing. TCP checksums are not judged: a capture on the sending host holds them
// before the network card fills them in.

using TcpAo.Connections;
using TcpAo.Crypto;
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
        _connections = new VerifiedConnections(keys.Peers, knownIsns ?? []);
    }

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
        if (reason is DropReason.NotTcp or DropReason.IpVersionUnknown || (reason == DropReason.IpFragment && !packet.IsFirstFragment))
        {
            report = default;
            return false;
        }

        if (!packet.HasPorts)
        {
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

        var segment = new Segment(packet, source, destination, fromFirst, frame);
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

    private static SegmentVerdict VerdictOfUnreadable(DropReason reason) =>
        reason is DropReason.PacketTruncated or DropReason.IpFragment ? SegmentVerdict.Unverifiable : SegmentVerdict.Malformed;

    private Judgement JudgeSigned(in Segment segment, CapturedConnection connection)
    {
        Judgement judgement = (segment.Packet.Flags & (TcpFlags.Syn | TcpFlags.Ack)) switch
        {
            TcpFlags.Syn => JudgeSyn(segment, connection),
            TcpFlags.Syn | TcpFlags.Ack => JudgeSynAck(segment, connection),
            _ => JudgeOther(segment, connection),
        };
        return judgement;
    }

    /// <summary>A SYN: its own sequence number is all that its key needs .</summary>
    private Judgement JudgeSyn(in Segment segment, CapturedConnection connection)
    {
        Match match = MatchHandshake(segment, connection, BindingsOf(segment, connection, null), segment.Packet.Sequence, 0, 0);
        if (match.IsValid)
        {
            connection.NoteSyn(segment.FromFirst, segment.Packet.Sequence, match.Binding!);
        }

        return match.ToJudgement();
    }

    /// <summary>A SYN-ACK: it names both ISNs .</summary>
    private Judgement JudgeSynAck(in Segment segment, CapturedConnection connection)
    {
        uint sourceIsn = segment.Packet.Sequence;
        uint destinationIsn = segment.Packet.Acknowledgment - 1;
        ConnectionLife? life = connection.FindLife(sourceIsn, destinationIsn, segment.Source);
        KeyBinding? bound = life?.Binding ?? connection.BindingOfSyn(!segment.FromFirst, destinationIsn);
        Match match = MatchHandshake(segment, connection, BindingsOf(segment, connection, bound), sourceIsn, destinationIsn, 0);
        if (match.IsValid && life is null)
        {
            connection.Begin(LifeFrom(match.Binding!, segment.Source, sourceIsn, destinationIsn));
        }

        return match.ToJudgement();
    }

    private Judgement JudgeOther(in Segment segment, CapturedConnection connection)
    {
        Judgement? failed = null;
        if (connection.Live is { } live)
        {
            Judgement judgement = JudgeInLife(segment, live);
            if (judgement.Verdict == SegmentVerdict.Valid)
            {
                connection.Continue(live);
                return judgement;
            }

            failed = judgement;
        }

        if (connection.Next is { } next)
        {
            Judgement judgement = JudgeInLife(segment, next);
            if (judgement.Verdict == SegmentVerdict.Valid)
            {
                connection.Continue(next);
                return judgement;
            }
        }

        if (TryFinalAck(segment, connection, out Judgement final))
        {
            return final;
        }

        if (failed is { } bad)
        {
            return bad.Verdict is SegmentVerdict.BadMac or SegmentVerdict.KeyNotFound ? AddHint(segment, connection, connection.Live!, bad) : bad;
        }

        return connection.Told is { } told ? JudgeWithToldIsns(segment, connection, told) : JudgeWithoutIsns(segment, connection);
    }

    /// <summary>The first segment of a connection whose ISNs the user told.</summary>
    private Judgement JudgeWithToldIsns(in Segment segment, CapturedConnection connection, in KnownIsns told)
    {
        bool fromTold = told.Pair.Local == segment.Source.Address && told.Pair.LocalPort == segment.Source.Port;
        (uint sourceIsn, uint? sourceSne) = fromTold ? (told.LocalIsn, told.LocalSne) : (told.RemoteIsn, told.RemoteSne);
        (uint destinationIsn, uint? destinationSne) = fromTold ? (told.RemoteIsn, told.RemoteSne) : (told.LocalIsn, told.LocalSne);
        ulong sourceMark = Mark(segment.Packet.Sequence, sourceIsn, sourceSne);
        Match match = MatchHandshake(
            segment, connection, BindingsOf(segment, connection, null), sourceIsn, destinationIsn, (uint)(sourceMark >> 32));
        if (match.IsValid)
        {
            ulong destinationMark = Mark(segment.Packet.Acknowledgment, destinationIsn, destinationSne);
            bool fromLocal = match.Binding!.IsFromLocal(segment.Source);
            connection.Begin(fromLocal
                ? new ConnectionLife(match.Binding, sourceIsn, destinationIsn, sourceMark, destinationMark)
                : new ConnectionLife(match.Binding, destinationIsn, sourceIsn, destinationMark, sourceMark));
        }

        return match.ToJudgement();

        static ulong Mark(uint sequence, uint isn, uint? sne) => ((ulong)(sne ?? (sequence < isn ? 1u : 0u)) << 32) | sequence;
    }

    private static Judgement JudgeInLife(in Segment segment, ConnectionLife life)
    {
        bool fromLocal = life.Binding.IsFromLocal(segment.Source);
        if (life.Binding.FindKey(segment.Packet.KeyId, fromLocal) is not { } key)
        {
            return new Judgement(SegmentVerdict.KeyNotFound, DropReason.KeyNotFound);
        }

        if (segment.Packet.IsTruncated)
        {
            return new Judgement(SegmentVerdict.Unverifiable, DropReason.PacketTruncated, key);
        }

        ulong extended = life.Extend(segment.Packet, fromLocal);
        uint sne = (uint)(extended >> 32);
        if (segment.Packet.MacLength != key.MacLength)
        {
            return new Judgement(SegmentVerdict.BadMac, DropReason.MacLengthMismatch, key, sne);
        }

        if (!life.Verify(segment.Packet, key, fromLocal, extended))
        {
            return new Judgement(SegmentVerdict.BadMac, DropReason.MacMismatch, key, sne);
        }

        life.Advance(segment.Packet, fromLocal, extended);
        return new Judgement(SegmentVerdict.Valid, DropReason.None, key, sne);
    }

    /// <summary>The ACK that ends a handshake names both ISNs, each one less .</summary>
    private bool TryFinalAck(in Segment segment, CapturedConnection connection, out Judgement judgement)
    {
        judgement = default;
        const TcpFlags Required = TcpFlags.Ack;
        if ((segment.Packet.Flags & (Required | TcpFlags.Syn | TcpFlags.Rst)) != Required || segment.Packet.IsTruncated)
        {
            return false;
        }

        uint sourceIsn = segment.Packet.Sequence - 1;
        uint destinationIsn = segment.Packet.Acknowledgment - 1;
        if (connection.FindLife(sourceIsn, destinationIsn, segment.Source) is not null)
        {
            return false;
        }

        KeyBinding? bound = connection.BindingOfSyn(segment.FromFirst, sourceIsn);
        ulong extended = new SequenceNumberExtension(sourceIsn).Extend(segment.Packet.Sequence);
        Match match = FindMatch(segment, BindingsOf(segment, connection, bound), sourceIsn, destinationIsn, (uint)(extended >> 32));
        if (!match.IsValid)
        {
            return false;
        }

        ConnectionLife life = LifeFrom(match.Binding!, segment.Source, sourceIsn, destinationIsn);
        life.Advance(segment.Packet, match.Binding!.IsFromLocal(segment.Source), extended);
        connection.Begin(life);
        connection.Continue(life);
        judgement = match.ToJudgement();
        return true;
    }

    /// <summary>No verified handshake: at most the id can be judged, or what a suspected cause would make of it.</summary>
    private Judgement JudgeWithoutIsns(in Segment segment, CapturedConnection connection)
    {
        Match match = FirstNamed(segment, BindingsOf(segment, connection, null));
        if (match.Key is null)
        {
            return new Judgement(SegmentVerdict.KeyNotFound, DropReason.KeyNotFound);
        }

        if (connection.Suspected is { } suspected && connection.Variation is { } variation && !segment.Packet.IsTruncated)
        {
            bool fromLocal = suspected.Binding.IsFromLocal(segment.Source);
            ulong extended = suspected.Extend(segment.Packet, fromLocal);
            uint sne = (uint)(extended >> 32);
            if (variation.Matches(segment.Packet, suspected.Binding.Flow(fromLocal), suspected.SourceIsn(fromLocal), suspected.DestinationIsn(fromLocal), sne))
            {
                suspected.Advance(segment.Packet, fromLocal, extended);
                return new Judgement(SegmentVerdict.BadMac, DropReason.MacMismatch, match.Key, sne, variation.Hint);
            }
        }

        return new Judgement(
            SegmentVerdict.Unverifiable,
            segment.Packet.IsTruncated ? DropReason.PacketTruncated : DropReason.IsnUnknown);
    }

    private Judgement JudgeWithoutAo(in Segment segment, CapturedConnection connection)
    {
        if (JudgeMd5(segment, connection) is { } md5)
        {
            return md5;
        }

        bool expected = connection.Peers.Count > 0 || connection.Md5Chain is not null || IsSigned(segment, connection);
        return expected
            ? new Judgement(SegmentVerdict.Unsigned, connection.Md5Chain is null ? DropReason.AoRequired : DropReason.Md5Required)
            : new Judgement(SegmentVerdict.NotTcpAo, DropReason.None);
    }

    /// <summary>Whether the connection of an unsigned segment has TCP-AO segments, before or after it.</summary>
    private bool IsSigned(in Segment segment, CapturedConnection connection)
    {
        if (!_lookedAhead)
        {
            _lookedAhead = true;
            _signed = _lookAhead?.Invoke();
        }

        return _signed is not null ? _signed.Contains(connection.Pair, segment.Frame) : connection.Live is not null;
    }

    private static ConnectionLife LifeFrom(KeyBinding binding, in CaptureEndpoint source, uint sourceIsn, uint destinationIsn) =>
        binding.IsFromLocal(source)
            ? new ConnectionLife(binding, sourceIsn, destinationIsn)
            : new ConnectionLife(binding, destinationIsn, sourceIsn);
}
