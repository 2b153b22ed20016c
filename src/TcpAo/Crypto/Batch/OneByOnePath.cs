namespace TcpAo.Crypto.Batch;

/// <summary>One MAC after the other: for algorithms and CPUs without anything better.</summary>
/// <param name="algorithm">Whose MACs.</param>
internal sealed class OneByOnePath(MacAlgorithm algorithm) : MacPath
{
    /// <inheritdoc/>
    public override string Name => "one by one";

    /// <inheritdoc/>
    public override bool IsSupported => true;

    /// <inheritdoc/>
    public override int Lanes => 1;

    /// <inheritdoc/>
    public override int MemoryLength => 0;

    /// <summary>Keeps the header; a block is a byte here.</summary>
    public override MacJob Gather(byte[] key, int keyAt, int headerLength, ReadOnlySpan<byte> payload, int payloadPlace, Span<byte> slot) =>
        new(key, keyAt, headerLength, payloadPlace, payload.Length, 0);

    /// <inheritdoc/>
    public override void Compute(Span<MacJob> jobs, ReadOnlySpan<byte> order, Span<byte> memory, Span<byte> gathered, ReadOnlySpan<byte> payloads)
    {
        for (int i = 0; i < jobs.Length; i++)
        {
            ref readonly MacJob job = ref jobs[i];
            Span<byte> slot = gathered.Slice(i * MacBatch.SlotLength, MacBatch.SlotLength);
            ReadOnlySpan<byte> payload = payloads.Slice(job.BodyPlace - gathered.Length, job.BodyBlocks);
            algorithm.ComputeMac(job.Key.AsSpan(job.KeyAt, algorithm.PreparedLength), slot[..job.HeadBlocks], payload, slot[..MacAlgorithm.LongestMac]);
        }
    }
}
