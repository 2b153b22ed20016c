// Which of the connections that a socket pair had, one after the other, a segment belongs to.

using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

public sealed partial class CaptureVerifier
{
    private static readonly MismatchHint s_earlierConnection = new(
        "earlier-connection",
        "the MAC is that of an earlier connection between the same addresses and ports: the segment is late or replayed, and its receiver refuses it");

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
            Judgement judgement = JudgeInLife(segment, live, advance: true);
            if (judgement.Verdict == SegmentVerdict.Valid)
            {
                return judgement;
            }

            failed = judgement;
        }

        foreach (ConnectionLife begun in connection.Begun)
        {
            Judgement judgement = JudgeInLife(segment, begun, advance: true);
            if (judgement.Verdict == SegmentVerdict.Valid)
            {
                connection.Continue(begun);
                return judgement;
            }
        }

        if (TryFinalAck(segment, connection, out Judgement final) || TryFormer(segment, connection, out final))
        {
            return final;
        }

        if (failed is { } bad)
        {
            return bad.Verdict is SegmentVerdict.BadMac or SegmentVerdict.KeyNotFound ? AddHint(segment, connection, connection.Live!, bad) : bad;
        }

        return connection.Told is { } told ? JudgeWithToldIsns(segment, connection, told) : JudgeWithoutIsns(segment, connection);
    }

    /// <summary>
    /// A segment of a life that another one has taken the place of. What was there before is a late one or a replay, which its receiver
    /// refuses. What is new is genuine: nobody without the key can make it.
    /// </summary>
    private static bool TryFormer(in Segment segment, CapturedConnection connection, out Judgement judgement)
    {
        foreach (ConnectionLife former in connection.Former)
        {
            bool isNew = former.IsNew(segment.Packet, former.Binding.IsFromLocal(segment.Source));
            judgement = JudgeInLife(segment, former, advance: isNew);
            if (judgement.Verdict != SegmentVerdict.Valid)
            {
                continue;
            }

            if (!isNew)
            {
                judgement = judgement with { Verdict = SegmentVerdict.BadMac, Reason = DropReason.MacMismatch, Hint = s_earlierConnection };
            }
            else if (!connection.Live!.IsConfirmed)
            {
                connection.Return(former);
            }

            return true;
        }

        judgement = default;
        return false;
    }

    private static Judgement JudgeInLife(in Segment segment, ConnectionLife life, bool advance)
    {
        KeyBinding binding = life.Binding;
        bool fromLocal = binding.IsFromLocal(segment.Source);
        Judgement judgement = JudgeWithKey(segment, life, binding.FindKey(segment.Packet.KeyId, fromLocal), fromLocal);
        if (judgement.Verdict != SegmentVerdict.Valid && binding.IsGuess
            && binding.FindKey(segment.Packet.KeyId, !fromLocal) is { } other && !ReferenceEquals(other, judgement.Key))
        {
            Judgement flipped = JudgeWithKey(segment, life, other, fromLocal);
            if (flipped.Verdict == SegmentVerdict.Valid)
            {
                binding = binding with { IsFlipped = !binding.IsFlipped };
            }

            judgement = flipped.Verdict == SegmentVerdict.Valid || judgement.Key is null ? flipped : judgement;
        }

        if (judgement.Verdict == SegmentVerdict.Valid && advance)
        {
            life.Settle(judgement.Key!, binding.IsFlipped);
            life.Advance(segment.Packet, fromLocal, life.Extend(segment.Packet, fromLocal));
        }

        return judgement;
    }

    private static Judgement JudgeWithKey(in Segment segment, ConnectionLife life, AoKey? key, bool fromLocal)
    {
        if (key is null)
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

        return life.Verify(segment.Packet, key, fromLocal, extended, segment.Foreseen)
            ? new Judgement(SegmentVerdict.Valid, DropReason.None, key, sne)
            : new Judgement(SegmentVerdict.BadMac, DropReason.MacMismatch, key, sne);
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
        judgement = match.ToJudgement();
        return true;
    }

    private static ConnectionLife LifeFrom(KeyBinding binding, in CaptureEndpoint source, uint sourceIsn, uint destinationIsn) =>
        binding.IsFromLocal(source)
            ? new ConnectionLife(binding, sourceIsn, destinationIsn)
            : new ConnectionLife(binding, destinationIsn, sourceIsn);
}
