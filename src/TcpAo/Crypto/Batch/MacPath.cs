namespace TcpAo.Crypto.Batch;

/// <summary>How the MACs of a batch are computed on this CPU. Holds no state.</summary>
internal abstract class MacPath
{
    /// <summary>Bytes of the longest header: what completes its last block still fits into half a slot.</summary>
    public const int LongestHeader = MacBatch.SlotLength / 2;

    /// <summary>What it is called in outputs, such as <c>avx-512</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether this CPU can.</summary>
    public abstract bool IsSupported { get; }

    /// <summary>MACs side by side; 1 where they are computed one after the other.</summary>
    public abstract int Lanes { get; }

    /// <summary>Bytes of working memory.</summary>
    public abstract int MemoryLength { get; }

    /// <summary>
    /// Puts a message together as far as it does not lie in whole blocks: the header and what of the payload completes its last block, and the end. A short message
    /// is put together as a whole.
    /// </summary>
    /// <param name="key">Holds the prepared key.</param>
    /// <param name="keyAt">Where in it.</param>
    /// <param name="headerLength">Bytes of header at the begin of the slot, at most <see cref="LongestHeader"/>.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="payloadPlace">Where it lies: see <see cref="LaneBlocks"/>.</param>
    /// <param name="slot">Room for the job.</param>
    public abstract MacJob Gather(byte[] key, int keyAt, int headerLength, ReadOnlySpan<byte> payload, int payloadPlace, Span<byte> slot);

    /// <summary>Computes the jobs; each result stands at the beginning of its job's slot, and no secret is left in one.</summary>
    /// <param name="jobs">At least one; changed on the way.</param>
    /// <param name="order">Which job comes when: the longest first.</param>
    /// <param name="memory">Working memory; the caller erases it.</param>
    /// <param name="gathered">The slots.</param>
    /// <param name="payloads">The caller's buffer.</param>
    public abstract void Compute(Span<MacJob> jobs, ReadOnlySpan<byte> order, Span<byte> memory, Span<byte> gathered, ReadOnlySpan<byte> payloads);
}
