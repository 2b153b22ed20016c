// Segments of connections whose handshake was not verified before them: told ISNs, a suspected cause, a handshake further on.

using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

public sealed partial class CaptureVerifier
{
    /// <summary>The first segment of a connection whose ISNs the user told.</summary>
    private Judgement JudgeWithToldIsns(in Segment segment, CapturedConnection connection, in KnownIsns told)
    {
        bool fromTold = told.Pair.Local == segment.Source.Address && told.Pair.LocalPort == segment.Source.Port;
        (uint sourceIsn, uint? sourceSne) = fromTold ? (told.LocalIsn, told.LocalSne) : (told.RemoteIsn, told.RemoteSne);
        (uint destinationIsn, uint? destinationSne) = fromTold ? (told.RemoteIsn, told.RemoteSne) : (told.LocalIsn, told.LocalSne);
        uint toldSne = SneOf(segment.Packet.Sequence, sourceIsn, sourceSne);
        BindingList bindings = BindingsOf(segment, connection, null);

        // what was sent just before or after the SNE was read; the MAC tells whether it was
        foreach (uint sne in (ReadOnlySpan<uint>)[toldSne, toldSne - 1, toldSne + 1])
        {
            Match match = FindMatch(segment, bindings, sourceIsn, destinationIsn, sne);
            if (match.IsValid)
            {
                bool hasAck = (segment.Packet.Flags & TcpFlags.Ack) != TcpFlags.None;
                uint received = hasAck ? segment.Packet.Acknowledgment : destinationIsn;
                ulong destinationMark = ((ulong)SneOf(received, destinationIsn, destinationSne) << 32) | received;
                BeginTold(segment, connection, match, sourceIsn, destinationIsn, ((ulong)sne << 32) | segment.Packet.Sequence, destinationMark);
                return match.ToJudgement();
            }
        }

        return MatchHandshake(segment, connection, bindings, sourceIsn, destinationIsn, toldSne).ToJudgement();

        static uint SneOf(uint sequence, uint isn, uint? sne) => sne ?? (sequence < isn ? 1u : 0u);
    }

    private static void BeginTold(
        in Segment segment, CapturedConnection connection, in Match match, uint sourceIsn, uint destinationIsn, ulong sourceMark, ulong destinationMark)
    {
        bool fromLocal = match.Binding!.IsFromLocal(segment.Source);
        ConnectionLife life = fromLocal
            ? new ConnectionLife(match.Binding, sourceIsn, destinationIsn, sourceMark, destinationMark)
            : new ConnectionLife(match.Binding, destinationIsn, sourceIsn, destinationMark, sourceMark);
        life.Advance(segment.Packet, fromLocal, sourceMark);
        connection.Begin(life);
    }

    /// <summary>No verified handshake: at most the id can be judged, or what a suspected cause would make of it.</summary>
    private Judgement JudgeWithoutIsns(in Segment segment, CapturedConnection connection)
    {
        Match match = FirstNamed(segment, BindingsOf(segment, connection, null));
        if (connection.Variation is { } variation && !segment.Packet.IsTruncated && JudgeSuspected(segment, connection, variation, match.Key) is { } suspected)
        {
            return suspected;
        }

        if (match.Key is null)
        {
            return new Judgement(SegmentVerdict.KeyNotFound, DropReason.KeyNotFound);
        }

        if (segment.Packet.IsTruncated)
        {
            return new Judgement(SegmentVerdict.Unverifiable, DropReason.PacketTruncated);
        }

        return JudgeBeforeHandshake(segment, connection) ?? new Judgement(SegmentVerdict.Unverifiable, DropReason.IsnUnknown);
    }

    /// <summary>A segment that the capture has before the handshake of its connection: frames in the wrong order, or a SYN that lost its flag.</summary>
    private Judgement? JudgeBeforeHandshake(in Segment segment, CapturedConnection connection)
    {
        const uint Near = 1 << 16;
        if (LookAhead()?.TryFindHandshake(connection.Pair, segment.Frame, out uint firstIsn, out uint secondIsn) is not true)
        {
            return null;
        }

        (uint sourceIsn, uint destinationIsn) = segment.FromFirst ? (firstIsn, secondIsn) : (secondIsn, firstIsn);
        ulong extended = new SequenceNumberExtension(sourceIsn).Extend(segment.Packet.Sequence);
        Match match = FindMatch(segment, BindingsOf(segment, connection, null), sourceIsn, destinationIsn, (uint)(extended >> 32));
        bool isNear = segment.Packet.Sequence - sourceIsn < Near
            || ((segment.Packet.Flags & TcpFlags.Ack) != TcpFlags.None && segment.Packet.Acknowledgment - destinationIsn < Near);
        return match.IsValid || isNear ? match.ToJudgement() : null;
    }

    /// <summary>The handshake verified with a change to the configuration: if this segment does too, it is bad for the same reason.</summary>
    private static Judgement? JudgeSuspected(in Segment segment, CapturedConnection connection, KeyVariation variation, AoKey? named)
    {
        ConnectionLife? life = connection.Suspected;
        if (life is null)
        {
            // the SYN-ACK is missing: the final ACK tells the ISNs too
            if ((segment.Packet.Flags & (TcpFlags.Ack | TcpFlags.Rst)) != TcpFlags.Ack)
            {
                return null;
            }

            var pair = new SocketPair(segment.Source.Address, segment.Destination.Address, segment.Source.Port, segment.Destination.Port);
            life = new ConnectionLife(new KeyBinding(KeyRing.Empty, pair, NatSides.None), segment.Packet.Sequence - 1, segment.Packet.Acknowledgment - 1);
        }

        bool fromLocal = life.Binding.IsFromLocal(segment.Source);
        ulong extended = life.Extend(segment.Packet, fromLocal);
        uint sne = (uint)(extended >> 32);
        if (!variation.Matches(segment.Packet, life.Binding.Flow(fromLocal), life.SourceIsn(fromLocal), life.DestinationIsn(fromLocal), sne))
        {
            return null;
        }

        connection.Suspected = life;
        life.Advance(segment.Packet, fromLocal, extended);
        return named is null && !variation.IsSwap
            ? new Judgement(SegmentVerdict.KeyNotFound, DropReason.KeyNotFound, null, sne, variation.Hint)
            : new Judgement(SegmentVerdict.BadMac, DropReason.MacMismatch, named ?? variation.Key, sne, variation.Hint);
    }
}
