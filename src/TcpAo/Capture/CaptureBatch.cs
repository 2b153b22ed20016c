using TcpAo.Crypto;
using TcpAo.Crypto.Batch;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>
/// Frames of a capture that lie in one buffer, for <see cref="CaptureVerifier"/> to verify together. The four steps are: frames are added, their MACs foreseen
/// (by the verifier), computed, and the frames judged (by the verifier, in their order). Adding and computing touch nothing of the verifier and may be done by
/// another thread while it works on another batch; one thread at a time uses a batch. Nothing is allocated after the first use.
/// </summary>
public sealed class CaptureBatch
{
    /// <summary>Frames of a batch at most.</summary>
    public const int Capacity = 1024;

    private readonly Entry[] _entries = new Entry[Capacity];
    private readonly byte[] _macs = new byte[Capacity * MacAlgorithm.LongestMac];
    private readonly int[] _waiting = new int[MacBatch.Capacity];
    private readonly List<MacBatch> _batches = [];

    /// <summary>Frames in it.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no other frame goes in.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>The frames.</summary>
    internal Span<Entry> Entries => _entries.AsSpan(0, Count);

    /// <summary>Adds a frame and reads its headers.</summary>
    /// <param name="frame">Its number, rising.</param>
    /// <param name="buffer">The buffer that all frames of the batch lie in.</param>
    /// <param name="offset">Where the frame's IP packet begins.</param>
    /// <param name="length">Bytes of the packet.</param>
    public void Add(long frame, ReadOnlySpan<byte> buffer, int offset, int length)
    {
        ref Entry entry = ref _entries[Count++];
        entry = default;
        entry.Frame = frame;
        entry.Offset = offset;
        entry.Length = length;
        DropReason reason = TcpPacket.TryParse(buffer.Slice(offset, length), out TcpPacket packet, PacketOrigin.Capture);
        if (reason == DropReason.None && !packet.IsTruncated)
        {
            entry.IsWhole = true;
            entry.Shape = packet.Shape;
        }
    }

    /// <summary>Computes the MACs that were foreseen.</summary>
    /// <param name="buffer">The buffer that the frames lie in.</param>
    public void ComputeMacs(ReadOnlySpan<byte> buffer)
    {
        MacBatch? batch = null;
        for (int i = 0; i < Count; i++)
        {
            ref readonly Entry entry = ref _entries[i];
            if (entry.Key is not { } key)
            {
                continue;
            }

            if (batch is null || batch.IsFull || !ReferenceEquals(batch.Algorithm, key.Algorithm))
            {
                Finish(batch, buffer);
                batch = BatchOf(key.Algorithm);
            }

            var packet = new TcpPacket(buffer[entry.Offset..], entry.Shape);
            int index = SegmentMac.Add(batch, key, entry.TrafficKey!, entry.TrafficKeyAt, packet, entry.Flow, entry.Sne, buffer, entry.Offset);
            _waiting[index] = i;
        }

        Finish(batch, buffer);
    }

    /// <summary>Empties the batch.</summary>
    public void Clear() => Count = 0;

    /// <summary>The MAC that was foreseen for a frame.</summary>
    internal ReadOnlySpan<byte> MacOf(int index) => _macs.AsSpan(index * MacAlgorithm.LongestMac, MacAlgorithm.LongestMac);

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

    private void Finish(MacBatch? batch, ReadOnlySpan<byte> buffer)
    {
        if (batch is null)
        {
            return;
        }

        batch.Compute(buffer);
        for (int i = 0; i < batch.Count; i++)
        {
            batch.Mac(i).CopyTo(_macs.AsSpan(_waiting[i] * MacAlgorithm.LongestMac));
        }

        batch.Clear();
    }

    /// <summary>One frame.</summary>
    internal struct Entry
    {
        /// <summary>Its number.</summary>
        public long Frame;

        /// <summary>Where its IP packet begins in the buffer.</summary>
        public int Offset;

        /// <summary>Bytes of the packet.</summary>
        public int Length;

        /// <summary>Whether it is a whole TCP segment without a fault.</summary>
        public bool IsWhole;

        /// <summary>Its headers, where it is.</summary>
        public PacketShape Shape;

        /// <summary>The key that was foreseen; null where none was.</summary>
        public AoKey? Key;

        /// <summary>Holds the prepared traffic key.</summary>
        public byte[]? TrafficKey;

        /// <summary>Where in it.</summary>
        public int TrafficKeyAt;

        /// <summary>The SNE that was foreseen.</summary>
        public uint Sne;

        /// <summary>The direction that was foreseen.</summary>
        public SegmentFlow Flow;
    }
}
