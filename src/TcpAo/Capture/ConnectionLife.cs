using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>
/// One life of a captured socket pair: from a pair of ISNs to the next. Its sequence numbers advance with verified segments only.
/// </summary>
internal sealed class ConnectionLife(KeyBinding binding, uint localIsn, uint remoteIsn, ulong? localMark = null, ulong? remoteMark = null)
{
    private readonly List<KeySlot> _slots = [];
    private SequenceNumberExtension _local = From(localMark ?? localIsn);
    private SequenceNumberExtension _remote = From(remoteMark ?? remoteIsn);
    private ulong _localAcknowledged;
    private ulong _remoteAcknowledged;
    private bool _localSpoke;
    private bool _remoteSpoke;

    public KeyBinding Binding { get; private set; } = binding;

    /// <summary>Whether segments of both ends verified, those that open the connection apart.</summary>
    public bool IsConfirmed => _localSpoke && _remoteSpoke;

    /// <summary>The ISN of the sender of a segment.</summary>
    public uint SourceIsn(bool fromLocal) => fromLocal ? localIsn : remoteIsn;

    /// <summary>The ISN of the receiver of a segment.</summary>
    public uint DestinationIsn(bool fromLocal) => fromLocal ? remoteIsn : localIsn;

    /// <summary>The 64-bit form of a segment's sequence number; its upper half is the SNE .</summary>
    public ulong Extend(in TcpPacket packet, bool fromLocal) =>
        (packet.Flags & TcpFlags.Syn) != TcpFlags.None ? packet.Sequence : fromLocal ? _local.Extend(packet.Sequence) : _remote.Extend(packet.Sequence);

    /// <summary>
    /// Whether the segment tells something that none before it told: bytes, a FIN, or an acknowledgment. One that was recorded and
    /// sent again does not.
    /// </summary>
    public bool IsNew(in TcpPacket packet, bool fromLocal)
    {
        ulong end = Extend(packet, fromLocal) + packet.SegmentSequenceLength;
        return end > (fromLocal ? _local : _remote).Mark
            || ((packet.Flags & TcpFlags.Ack) != TcpFlags.None && Acknowledged(packet, fromLocal) > (fromLocal ? _localAcknowledged : _remoteAcknowledged));
    }

    /// <summary>Whether the MAC is right; the caller has checked its length.</summary>
    public bool Verify(in TcpPacket packet, AoKey key, bool fromLocal, ulong extended, in ForeseenMac foreseen)
    {
        uint sne = (uint)(extended >> 32);
        GetTrafficKey(key, fromLocal, out byte[] holder, out int at);
        return foreseen.IsOf(holder, at, sne)
            ? FixedTimeMac.Equals(foreseen.Mac[..packet.MacLength], packet.Mac)
            : SegmentMac.Verify(key, holder.AsSpan(at, key.Algorithm.PreparedLength), packet, Binding.Flow(fromLocal), sne);
    }

    /// <summary>Where the prepared traffic key of one direction is kept; derived when first needed.</summary>
    public void GetTrafficKey(AoKey key, bool fromLocal, out byte[] holder, out int at)
    {
        KeySlot slot = GetSlot(key);
        SocketPair pair = Binding.Pair;
        _ = fromLocal ? slot.SendOther(pair, Binding.Nat, localIsn, remoteIsn) : slot.ReceiveOther(pair, Binding.Nat, localIsn, remoteIsn);
        holder = slot.Prepared;
        at = fromLocal ? 0 : slot.ReceiveAt;
    }

    /// <summary>Moves the sequence numbers on, after a segment verified.</summary>
    public void Advance(in TcpPacket packet, bool fromLocal, ulong extended)
    {
        ulong end = extended + packet.SegmentSequenceLength;
        ulong acknowledged = (packet.Flags & TcpFlags.Ack) != TcpFlags.None ? Acknowledged(packet, fromLocal) : 0;
        if (fromLocal)
        {
            _local.Advance(end);
            _localAcknowledged = Math.Max(_localAcknowledged, acknowledged);
            _localSpoke = true;
        }
        else
        {
            _remote.Advance(end);
            _remoteAcknowledged = Math.Max(_remoteAcknowledged, acknowledged);
            _remoteSpoke = true;
        }
    }

    /// <summary>A key verified: it may tell which end is the local one.</summary>
    public void Settle(AoKey key, bool isFlipped) => Binding = (Binding.IsFlipped == isFlipped ? Binding : Binding with { IsFlipped = isFlipped }).Settle(key);

    private static SequenceNumberExtension From(ulong mark) => new((uint)(mark >> 32), (uint)mark);

    private ulong Acknowledged(in TcpPacket packet, bool fromLocal) => (fromLocal ? _remote : _local).Extend(packet.Acknowledgment);

    private KeySlot GetSlot(AoKey key)
    {
        foreach (KeySlot slot in _slots)
        {
            if (ReferenceEquals(slot.Key, key))
            {
                return slot;
            }
        }

        var added = new KeySlot(key);
        _slots.Add(added);
        return added;
    }
}
