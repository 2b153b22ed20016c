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

    public KeyBinding Binding => binding;

    /// <summary>The ISN of the sender of a segment.</summary>
    public uint SourceIsn(bool fromLocal) => fromLocal ? localIsn : remoteIsn;

    /// <summary>The ISN of the receiver of a segment.</summary>
    public uint DestinationIsn(bool fromLocal) => fromLocal ? remoteIsn : localIsn;

    /// <summary>The 64-bit form of a segment's sequence number; its upper half is the SNE .</summary>
    public ulong Extend(in TcpPacket packet, bool fromLocal) =>
        (packet.Flags & TcpFlags.Syn) != TcpFlags.None ? packet.Sequence : fromLocal ? _local.Extend(packet.Sequence) : _remote.Extend(packet.Sequence);

    /// <summary>Whether the MAC is right; the caller has checked its length.</summary>
    public bool Verify(in TcpPacket packet, AoKey key, bool fromLocal, ulong extended)
    {
        KeySlot slot = GetSlot(key);
        SocketPair pair = binding.Pair;
        if (fromLocal)
        {
            return SegmentMac.Verify(key, in slot.SendOther(pair, binding.Nat, localIsn, remoteIsn), packet, binding.Flow(true), (uint)(extended >> 32));
        }

        return SegmentMac.Verify(key, in slot.ReceiveOther(pair, binding.Nat, localIsn, remoteIsn), packet, binding.Flow(false), (uint)(extended >> 32));
    }

    /// <summary>Moves the sequence numbers on, after a segment verified.</summary>
    public void Advance(in TcpPacket packet, bool fromLocal, ulong extended)
    {
        ulong end = extended + packet.SegmentSequenceLength;
        if (fromLocal)
        {
            _local.Advance(end);
        }
        else
        {
            _remote.Advance(end);
        }
    }

    private static SequenceNumberExtension From(ulong mark) => new((uint)(mark >> 32), (uint)mark);

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
