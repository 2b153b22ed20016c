using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Crypto.Batch;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo;

/// <summary>
/// Packets that came together and lie in one buffer, for an <see cref="AoEngine"/> to verify and sign together: added, the MACs of those that arrive computed by
/// <see cref="AoEngine.Foresee(SegmentBatch, ReadOnlySpan{byte})"/>, each given to <see cref="AoEngine.Process(SegmentBatch, int, Span{byte})"/> in their order, and those that leave signed by
/// <see cref="Sign(Span{byte})"/>. Decisions are those of packets one by one. Used by one thread at a time; nothing is allocated after the first use.
/// </summary>
public sealed class SegmentBatch
{
    /// <summary>Packets of a batch at most.</summary>
    public const int Capacity = MacBatch.Capacity;

    /// <summary>Packets from which on a batch is worth it: with fewer a single MAC takes no longer.</summary>
    public const int Fewest = 4;

    private readonly Entry[] _entries = new Entry[Capacity];
    private readonly List<MacBatch> _batches = [];

    /// <summary>Packets in it.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no other packet goes in.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>Adds a packet.</summary>
    /// <param name="offset">Where it begins in the buffer.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <param name="room">Bytes from its beginning that are the engine's to change, <paramref name="length"/> or more.</param>
    /// <param name="isOutbound">Whether the local stack sends it; else it arrived.</param>
    /// <param name="context">The time, the VRF and the interface.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Add(int offset, int length, int room, bool isOutbound, in SegmentContext context)
    {
        if (IsFull)
        {
            throw new InvalidOperationException("The batch is full.");
        }

        _entries[Count++] = new Entry { Offset = offset, Length = length, Room = room, IsOutbound = isOutbound, Context = context };
    }

    /// <summary>
    /// Whether a packet that was to leave could not be signed any more, because a later one of the batch ended its connection: it must be dropped.
    /// Known after <see cref="Sign(Span{byte})"/>.
    /// </summary>
    public bool IsLost(int index) => this[index].IsLost;

    /// <summary>Empties the batch.</summary>
    public void Clear() => Count = 0;

    internal ref Entry this[int index] => ref _entries.AsSpan(0, Count)[index];

    /// <summary>Computes the MACs that were foreseen, if there are enough.</summary>
    internal void ComputeMacs(ReadOnlySpan<byte> buffer, int foreseen)
    {
        if (foreseen < Fewest)
        {
            for (int i = 0; i < Count; i++)
            {
                _entries[i].TrafficKey = null;
            }

            return;
        }

        for (int i = 0; i < Count; i++)
        {
            ref Entry entry = ref _entries[i];
            if (entry.TrafficKey is not null)
            {
                Gather(ref entry, buffer);
            }
        }

        ComputeGathered(buffer);
    }

    /// <summary>Writes the MACs of the packets that leave, and then their checksums, after all were decided; before this none of them may leave, and of <see cref="IsLost"/> never.</summary>
    /// <param name="buffer">The buffer that they lie in.</param>
    public void Sign(Span<byte> buffer)
    {
        int unsigned = 0;
        for (int i = 0; i < Count; i++)
        {
            ref Entry entry = ref _entries[i];
            entry.IsLost = entry.Slot is not null && entry.Generation != entry.Slot.Generation;
            entry.Slot = entry.IsLost ? null : entry.Slot;
            unsigned += entry.Slot is null ? 0 : 1;
        }

        if (unsigned >= Fewest)
        {
            for (int i = 0; i < Count; i++)
            {
                if (_entries[i].Slot is not null)
                {
                    Gather(ref _entries[i], buffer);
                }
            }

            ComputeGathered(buffer);
        }

        for (int i = 0; i < Count && unsigned > 0; i++)
        {
            ref Entry entry = ref _entries[i];
            if (entry.Slot is null)
            {
                continue;
            }

            Span<byte> mac = buffer.Slice(entry.Offset + entry.MacAt, entry.Key!.MacLength);
            if (unsigned >= Fewest)
            {
                entry.Batch!.Mac(entry.Index)[..mac.Length].CopyTo(mac);
            }
            else
            {
                var packet = new TcpPacket(buffer[entry.Offset..], entry.Shape);
                ReadOnlySpan<byte> trafficKey = entry.TrafficKey.AsSpan(entry.TrafficKeyAt, entry.Key.Algorithm.PreparedLength);
                SegmentMac.Compute(entry.Key, trafficKey, packet, entry.Flow, entry.Sne, mac);
            }

            entry.Slot = null;
            TcpPacketEditor.FinishChecksum(buffer[entry.Offset..], entry.Length);
        }
    }

    private void Gather(ref Entry entry, ReadOnlySpan<byte> buffer)
    {
        entry.Batch = BatchOf(entry.Key!.Algorithm);
        var packet = new TcpPacket(buffer[entry.Offset..], entry.Shape);
        entry.Index = SegmentMac.Add(entry.Batch, entry.Key, entry.TrafficKey!, entry.TrafficKeyAt, packet, entry.Flow, entry.Sne, buffer, entry.Offset);
    }

    private void ComputeGathered(ReadOnlySpan<byte> buffer)
    {
        foreach (MacBatch batch in _batches)
        {
            batch.Compute(buffer);
            batch.Clear();
        }
    }

    private MacBatch BatchOf(MacAlgorithm algorithm)
    {
        foreach (MacBatch batch in _batches)
        {
            if (ReferenceEquals(batch.Algorithm, algorithm))
            {
                return batch;
            }
        }

        _batches.Add(new MacBatch(algorithm));
        return _batches[^1];
    }

    /// <summary>One packet, and the MAC that was foreseen for it or that it is to leave with.</summary>
    internal struct Entry
    {
        public int Offset;
        public int Length;
        public int Room;
        public bool IsOutbound;
        public bool IsLost;
        public SegmentContext Context;
        public PacketShape Shape;
        public AoKey? Key;
        public byte[]? TrafficKey;
        public int TrafficKeyAt;
        public int Generation;
        public uint Sne;
        public SegmentFlow Flow;
        public MacBatch? Batch;
        public int Index;

        /// <summary>Whose key a packet that leaves is still to be signed with; null where nothing is left to do.</summary>
        public KeySlot? Slot;

        /// <summary>Where its MAC stands in the packet.</summary>
        public int MacAt;

        /// <summary>
        /// Whether a MAC was computed under this key and SNE: a prepared key is one direction of one connection, so that addresses and ports are the same too.
        /// </summary>
        public readonly bool IsOf(KeySlot slot, uint sne) =>
            Batch is not null && ReferenceEquals(TrafficKey, slot.Prepared) && Generation == slot.Generation && Sne == sne;
    }
}
