// Packets that came together: the MACs of those that arrive are computed together before all are decided in order (what is foreseen wrongly is computed then),
// those of packets that leave together afterwards.

using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo;

public sealed partial class AoEngine
{
    private SegmentBatch? _batch;
    private int _batchIndex;

    /// <summary>Computes the MACs that the packets of a batch that arrived are going to need, as far as that is known now. Decides nothing.</summary>
    /// <param name="batch">The packets.</param>
    /// <param name="buffer">The buffer that they lie in.</param>
    public void Foresee(SegmentBatch batch, ReadOnlySpan<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int foreseen = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            ref SegmentBatch.Entry entry = ref batch[i];
            if (!entry.IsOutbound && TcpPacket.TryParse(buffer.Slice(entry.Offset, entry.Length), out TcpPacket packet) == DropReason.None && Foresee(ref entry, packet))
            {
                foreseen++;
            }
        }

        batch.ComputeMacs(buffer, foreseen);
    }

    /// <summary>Decides a packet of a batch; all are to be decided, in their order.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="index">Which packet of it, from 0.</param>
    /// <param name="buffer">The buffer that they lie in.</param>
    /// <returns>
    /// As <see cref="ProcessInbound(Span{byte}, int, in SegmentContext)"/> or <see cref="ProcessOutbound(Span{byte}, int, in SegmentContext)"/>. A rewritten packet that leaves may
    /// be without its MAC and checksum until <see cref="SegmentBatch.Sign(Span{byte})"/>.
    /// </returns>
    public AoDecision Process(SegmentBatch batch, int index, Span<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ref readonly SegmentBatch.Entry entry = ref batch[index];
        Span<byte> packet = buffer.Slice(entry.Offset, entry.Room);
        (_batch, _batchIndex) = (batch, index);
        AoDecision decision = entry.IsOutbound ? ProcessOutbound(packet, entry.Length, entry.Context) : ProcessInbound(packet, entry.Length, entry.Context);
        _batch = null;
        return decision;
    }

    private bool Foresee(ref SegmentBatch.Entry entry, in TcpPacket packet)
    {
        if (!packet.HasAo || (packet.Flags & TcpFlags.Syn) != TcpFlags.None)
        {
            return false;
        }

        SocketPair pair = InboundPair(packet, entry.Context);
        if (!_connections.TryFind(pair, out AoConnection? connection)
            || connection is not { LocalIsn: { } localIsn, RemoteIsn: { } remoteIsn }
            || connection.Keys.FindByRecvId(packet.KeyId) is not { } key
            || key.MacLength != packet.MacLength
            || !(key.CanAccept(entry.Context.Time.Utc) || connection.HoldsForPeer(key, entry.Context.Time.Utc)))
        {
            return false;
        }

        KeySlot slot = connection.GetSlot(key);
        slot.ReceiveOther(pair, connection.Nat, localIsn, remoteIsn);
        entry.Shape = packet.Shape;
        entry.Key = key;
        entry.TrafficKey = slot.Prepared;
        entry.TrafficKeyAt = slot.ReceiveAt;
        entry.Generation = slot.Generation;
        entry.Sne = (uint)(connection.ExtendReceive(packet.Sequence) >> 32);
        entry.Flow = SegmentFlow.Inbound(pair, connection.Nat);
        return true;
    }

    /// <summary>Whether the MAC of a segment under a connection's own key is right, from the batch where it was foreseen.</summary>
    private bool VerifyReceived(AoKey key, KeySlot slot, ReadOnlySpan<byte> trafficKey, in TcpPacket packet, in SegmentFlow flow, uint sne)
    {
        if (_batch is not null)
        {
            ref readonly SegmentBatch.Entry entry = ref _batch[_batchIndex];
            if (entry.IsOf(slot, sne))
            {
                return FixedTimeMac.Equals(entry.Batch!.Mac(entry.Index)[..packet.MacLength], packet.Mac);
            }
        }

        return SegmentMac.Verify(key, trafficKey, packet, flow, sne);
    }

    /// <summary>Leaves the MAC of a packet to <see cref="SegmentBatch.Sign(Span{byte})"/>, where it came in a batch.</summary>
    /// <param name="slot">Has Send_other derived.</param>
    /// <param name="packet">The packet with its option.</param>
    /// <param name="flow">Its direction.</param>
    /// <param name="sne">Its SNE.</param>
    /// <param name="macAt">Where in the packet its MAC goes.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <returns>Whether it did.</returns>
    private bool TryDefer(KeySlot slot, in TcpPacket packet, in SegmentFlow flow, uint sne, int macAt, int length)
    {
        if (_batch is null)
        {
            return false;
        }

        ref SegmentBatch.Entry entry = ref _batch[_batchIndex];
        entry.Length = length;
        entry.Shape = packet.Shape;
        entry.Key = slot.Key;
        entry.Slot = slot;
        entry.TrafficKey = slot.Prepared;
        entry.TrafficKeyAt = 0;
        entry.Generation = slot.Generation;
        entry.Sne = sne;
        entry.Flow = flow;
        entry.MacAt = macAt;
        return true;
    }
}
