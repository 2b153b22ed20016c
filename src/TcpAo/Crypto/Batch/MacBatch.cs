namespace TcpAo.Crypto.Batch;

/// <summary>
/// MACs of one algorithm over independent messages, each with its own key, computed together. Messages are added, computed, read and cleared; nothing is
/// allocated after the first time. Used by one thread at a time.
/// </summary>
internal sealed class MacBatch
{
    /// <summary>Messages of a batch at most.</summary>
    public const int Capacity = 64;

    /// <summary>Bytes in which a message is put together as far as it does not lie in whole blocks.</summary>
    public const int SlotLength = 256;

    private const int GatheredLength = Capacity * SlotLength;

    private static readonly byte[] s_inOrder = [.. Enumerable.Range(0, Capacity).Select(i => (byte)i)];

    private readonly MacPath _path;
    private readonly AlignedMemory _gathered = new(GatheredLength);
    private readonly AlignedMemory _memory;
    private readonly MacJob[] _jobs = new MacJob[Capacity];
    private readonly byte[] _order = new byte[Capacity];
    private bool _isSorted = true;

    /// <summary>Creates an empty batch.</summary>
    /// <param name="algorithm">Whose MACs.</param>
    /// <param name="path">How they are computed; null for the fastest that this CPU can.</param>
    public MacBatch(MacAlgorithm algorithm, MacPath? path = null)
    {
        Algorithm = algorithm;
        _path = path ?? MacPaths.Of(algorithm);
        _memory = new AlignedMemory(_path.MemoryLength);
    }

    /// <summary>Whose MACs.</summary>
    public MacAlgorithm Algorithm { get; }

    /// <summary>Messages in it.</summary>
    public int Count { get; private set; }

    /// <summary>Whether no other message goes in.</summary>
    public bool IsFull => Count == Capacity;

    /// <summary>Where the header of the next message is to be written, before it is added.</summary>
    public Span<byte> NextHeader => _gathered.Span.Slice(Count * SlotLength, MacPath.LongestHeader);

    /// <summary>Adds a message whose header stands in <see cref="NextHeader"/>.</summary>
    /// <param name="key">Holds the prepared key, which stays as it is until the batch is computed.</param>
    /// <param name="keyAt">Where in it.</param>
    /// <param name="headerLength">Bytes of the message's beginning.</param>
    /// <param name="payloads">The buffer with its payload, that of all messages of the batch.</param>
    /// <param name="payloadAt">Where the payload begins.</param>
    /// <param name="payloadLength">Its length in bytes.</param>
    /// <returns>Its number in the batch.</returns>
    public int Add(byte[] key, int keyAt, int headerLength, ReadOnlySpan<byte> payloads, int payloadAt, int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(headerLength, MacPath.LongestHeader);
        int index = Count;
        Span<byte> slot = _gathered.Span.Slice(index * SlotLength, SlotLength);
        MacJob job = _path.Gather(key, keyAt, headerLength, payloads.Slice(payloadAt, payloadLength), GatheredLength + payloadAt, slot);
        _isSorted &= index == 0 || _jobs[index - 1].Blocks >= job.Blocks;
        _jobs[index] = job;
        Count++;
        return index;
    }

    /// <summary>Computes the MACs.</summary>
    /// <param name="payloads">The buffer that the messages were added with.</param>
    public void Compute(ReadOnlySpan<byte> payloads)
    {
        if (Count == 0)
        {
            return;
        }

        if (!_isSorted)
        {
            Sort();
        }

        Span<byte> gathered = _gathered.Span;
        _path.Compute(_jobs.AsSpan(0, Count), (_isSorted ? s_inOrder : _order).AsSpan(0, Count), _memory.Span, gathered, payloads);

        // states and round keys; what is left in the slots is the messages' own
        _memory.Erase(_path.MemoryLength);
    }

    /// <summary>The leading 16 bytes of a computed MAC, until another message is added.</summary>
    public ReadOnlySpan<byte> Mac(int index) => _gathered.Span.Slice(index * SlotLength, MacAlgorithm.LongestMac);

    /// <summary>Empties the batch.</summary>
    public void Clear()
    {
        Count = 0;
        _isSorted = true;
    }

    private void Sort()
    {
        Span<int> keys = stackalloc int[Capacity];
        keys = keys[..Count];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = (-_jobs[i].Blocks * Capacity) + i;
        }

        keys.Sort();
        for (int i = 0; i < keys.Length; i++)
        {
            _order[i] = (byte)(keys[i] & (Capacity - 1));
        }
    }
}
