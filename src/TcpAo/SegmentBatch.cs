using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Crypto.Batch;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo;

/// <summary>
/// Packets that arrived together and lie in one buffer, for an <see cref="AoEngine"/> to verify together: added, their MACs computed by
/// <see cref="AoEngine.Foresee(SegmentBatch, ReadOnlySpan{byte})"/>, then each given to <see cref="AoEngine.ProcessInbound(SegmentBatch, int, Span{byte})"/> in their order. Decisions are those of
/// packets one by one. Used by one thread at a time; nothing is allocated after the first use.
/// </summary>
public sealed class SegmentBatch
{
    /// <summary>Packets of a batch at most.</summary>
    public const int Capacity = MacBatch.Capacity;

    // fewer are not worth it: a single MAC takes no longer than a batch begins to save
    private const int Fewest = 4;

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
    /// <param name="context">The time, the VRF and the interface.</param>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Add(int offset, int length, int room, in SegmentContext context)
    {
        if (IsFull)
        {
            throw new InvalidOperationException("The batch is full.");
        }

        _entries[Count++] = new Entry { Offset = offset, Length = length, Room = room, Context = context };
    }

    /// <summary>Empties the batch.</summary>
    public void Clear() => Count = 0;

    /// <summary>Bytes of a packet, as it was added.</summary>
    public int LengthOf(int index) => this[index].Length;

    /// <summary>What was said of a packet when it was added.</summary>
    public SegmentContext ContextOf(int index) => this[index].Context;

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
                entry.Batch = BatchOf(entry.Key!.Algorithm);
                var packet = new TcpPacket(buffer[entry.Offset..], entry.Shape);
                entry.Index = SegmentMac.Add(entry.Batch, entry.Key, entry.TrafficKey, entry.TrafficKeyAt, packet, entry.Flow, entry.Sne, buffer, entry.Offset);
            }
        }

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

    /// <summary>One packet, and the MAC that was foreseen for it.</summary>
    internal struct Entry
    {
        public int Offset;
        public int Length;
        public int Room;
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

        /// <summary>
        /// Whether a MAC was computed under this key and SNE: a prepared key is one direction of one connection, so that addresses and ports are the same too.
        /// </summary>
        public readonly bool IsOf(KeySlot slot, uint sne) =>
            Batch is not null && ReferenceEquals(TrafficKey, slot.Prepared) && Generation == slot.Generation && Sne == sne;
    }
}
