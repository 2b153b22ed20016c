// Which key a segment is to be judged with: the chains in the order of the file, either orientation, or what is known already.

using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

public sealed partial class CaptureVerifier
{
    /// <summary>What may apply to a segment: what was fixed before, else what peers say, else every chain both ways round.</summary>
    private BindingList BindingsOf(in Segment segment, CapturedConnection connection, KeyBinding? bound)
    {
        if (bound is not null)
        {
            return new BindingList(bound);
        }

        return connection.Peers.Count > 0
            ? new BindingList(connection.Peers)
            : new BindingList(_keys.Chains, new SocketPair(segment.Source.Address, segment.Destination.Address, segment.Source.Port, segment.Destination.Port));
    }

    /// <summary>A handshake segment, whose ISNs it tells itself: what does not verify is bad, not unknown.</summary>
    private Match MatchHandshake(in Segment segment, CapturedConnection connection, in BindingList bindings, uint sourceIsn, uint destinationIsn, uint sne)
    {
        Match match = FindMatch(segment, bindings, sourceIsn, destinationIsn, sne);
        if (match.IsValid || segment.Packet.IsTruncated)
        {
            return match;
        }

        KeyBinding? binding = match.Binding;
        AoKey? reverse = null;
        if (binding is null)
        {
            FindReverse(segment, bindings, out binding, out reverse);
        }

        // without any key of that id the orientation does not matter for the MAC
        binding ??= new KeyBinding(KeyRing.Empty, new SocketPair(segment.Source.Address, segment.Destination.Address, segment.Source.Port, segment.Destination.Port), NatSides.None);
        bool fromLocal = binding.IsFromLocal(segment.Source);
        KeyVariation? variation = FindVariation(segment, connection, match.Key, reverse, binding.Flow(fromLocal), sourceIsn, destinationIsn, sne, mayBeNat: connection.Live is null);
        if (variation is null)
        {
            return match;
        }

        if ((segment.Packet.Flags & TcpFlags.Ack) != TcpFlags.None && connection.Live is null)
        {
            connection.Suspected = LifeFrom(binding, segment.Source, sourceIsn, destinationIsn);
        }

        // an id of the other direction is configured: what is wrong is the MAC that it was used for
        return match with
        {
            Key = match.Key ?? reverse,
            Hint = variation.Hint,
            Reason = match.Key is null && reverse is not null ? DropReason.MacMismatch : match.Reason,
        };
    }

    /// <summary>The first candidate that verifies; else the first that the KeyID names.</summary>
    private static Match FindMatch(in Segment segment, in BindingList bindings, uint sourceIsn, uint destinationIsn, uint sne)
    {
        Match first = default;
        BindingList remaining = bindings;
        while (remaining.TryTake(out KeyBinding? binding))
        {
            bool fromLocal = binding.IsFromLocal(segment.Source);
            if (binding.FindKey(segment.Packet.KeyId, fromLocal) is not { } key)
            {
                continue;
            }

            Match match = MatchKey(segment, binding, key, fromLocal, sourceIsn, destinationIsn, sne);
            if (match.IsValid)
            {
                return match;
            }

            first = first.Key is null ? match : first;
        }

        return first.Key is null ? new Match(null, null, DropReason.KeyNotFound, null, null) : first;
    }

    private static Match MatchKey(in Segment segment, KeyBinding binding, AoKey key, bool fromLocal, uint sourceIsn, uint destinationIsn, uint sne)
    {
        if (segment.Packet.IsTruncated)
        {
            return new Match(binding, key, DropReason.PacketTruncated, null, null);
        }

        if (segment.Packet.MacLength != key.MacLength)
        {
            return new Match(binding, key, DropReason.MacLengthMismatch, sne, null);
        }

        SegmentFlow flow = binding.Flow(fromLocal);
        SegmentMac.Derive(key, flow, sourceIsn, destinationIsn, out TrafficKey trafficKey);
        bool good = SegmentMac.Verify(key, in trafficKey, segment.Packet, flow, sne);
        trafficKey.Clear();
        return new Match(good ? binding.Settle(key) : binding, key, good ? DropReason.None : DropReason.MacMismatch, sne, null);
    }

    private static Match FirstNamed(in Segment segment, in BindingList bindings)
    {
        BindingList remaining = bindings;
        while (remaining.TryTake(out KeyBinding? binding))
        {
            if (binding.FindKey(segment.Packet.KeyId, binding.IsFromLocal(segment.Source)) is { } key)
            {
                return new Match(binding, key, DropReason.IsnUnknown, null, null);
            }
        }

        return default;
    }

    /// <summary>The key that the KeyID names in the other direction: a sign of swapped ids.</summary>
    private static void FindReverse(in Segment segment, in BindingList bindings, out KeyBinding? binding, out AoKey? key)
    {
        BindingList remaining = bindings;
        while (remaining.TryTake(out binding))
        {
            key = binding.FindKey(segment.Packet.KeyId, !binding.IsFromLocal(segment.Source));
            if (key is not null)
            {
                return;
            }
        }

        key = null;
    }

    private Judgement AddHint(in Segment segment, CapturedConnection connection, ConnectionLife life, in Judgement judgement)
    {
        if (segment.Packet.IsTruncated)
        {
            return judgement;
        }

        bool fromLocal = life.Binding.IsFromLocal(segment.Source);
        AoKey? reverse = judgement.Key is null ? life.Binding.FindKey(segment.Packet.KeyId, !fromLocal) : null;
        uint sne = (uint)(life.Extend(segment.Packet, fromLocal) >> 32);
        KeyVariation? variation = FindVariation(
            segment, connection, judgement.Key, reverse, life.Binding.Flow(fromLocal), life.SourceIsn(fromLocal), life.DestinationIsn(fromLocal), sne, mayBeNat: false);
        if (variation is null)
        {
            return judgement;
        }

        return judgement.Key is null && reverse is not null
            ? new Judgement(SegmentVerdict.BadMac, DropReason.MacMismatch, reverse, sne, variation.Hint)
            : judgement with { Hint = variation.Hint };
    }

    /// <summary>The change that explains a bad MAC; searched a few times for each connection, then only the last one is tried.</summary>
    private KeyVariation? FindVariation(
        in Segment segment, CapturedConnection connection, AoKey? named, AoKey? reverse, in SegmentFlow flow, uint sourceIsn, uint destinationIsn, uint sne, bool mayBeNat)
    {
        if (connection.Variation is { } last && last.Matches(segment.Packet, flow, sourceIsn, destinationIsn, sne))
        {
            return last;
        }

        if (connection.HintBudget <= 0 || !FindsHints)
        {
            return null;
        }

        connection.HintBudget--;
        KeyVariation? found = _hints.Find(segment.Packet, named, reverse, flow, sourceIsn, destinationIsn, sne, mayBeNat);
        if (found is { SneOffset: 0 })
        {
            connection.Variation = found;
        }

        return found;
    }

    /// <summary>A segment with what the verifier needs of it again and again.</summary>
    private readonly ref struct Segment(
        in TcpPacket packet, CaptureEndpoint source, CaptureEndpoint destination, bool fromFirst, long frame, ForeseenMac foreseen)
    {
        public readonly TcpPacket Packet = packet;

        public readonly ForeseenMac Foreseen = foreseen;

        public CaptureEndpoint Source { get; } = source;

        public CaptureEndpoint Destination { get; } = destination;

        public bool FromFirst { get; } = fromFirst;

        public long Frame { get; } = frame;
    }

    private readonly record struct Judgement(SegmentVerdict Verdict, DropReason Reason, AoKey? Key = null, uint? Sne = null, MismatchHint? Hint = null);

    private readonly record struct Match(KeyBinding? Binding, AoKey? Key, DropReason Reason, uint? Sne, MismatchHint? Hint)
    {
        public bool IsValid => Key is not null && Reason == DropReason.None;

        public Judgement ToJudgement() => new(
            Reason switch
            {
                DropReason.None => SegmentVerdict.Valid,
                DropReason.KeyNotFound => SegmentVerdict.KeyNotFound,
                DropReason.PacketTruncated => SegmentVerdict.Unverifiable,
                _ => SegmentVerdict.BadMac,
            },
            Reason,
            Key,
            Sne,
            Hint);
    }
}
