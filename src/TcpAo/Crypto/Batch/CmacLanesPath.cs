using System.Runtime.Intrinsics;

namespace TcpAo.Crypto.Batch;

/// <summary>AES-128-CMAC, eight chains side by side. Source: RFC 4493.</summary>
/// <typeparam name="TAes">The CPU's rounds.</typeparam>
internal sealed class CmacLanesPath<TAes> : MacPath
    where TAes : struct, IAesRounds
{
    private const int BlockLength = AesKeySchedule.BlockLength;

    /// <inheritdoc/>
    public override string Name { get; } = $"{TAes.Name}, {AesLanes<TAes>.Lanes} lanes";

    /// <inheritdoc/>
    public override bool IsSupported => TAes.IsSupported;

    /// <inheritdoc/>
    public override int Lanes => AesLanes<TAes>.Lanes;

    /// <inheritdoc/>
    public override int MemoryLength => AesLanes<TAes>.Lanes * (AesKeySchedule.RoundKeys + 1) * BlockLength;

    /// <inheritdoc/>
    public override MacJob Gather(byte[] key, int keyAt, int headerLength, ReadOnlySpan<byte> payload, int payloadPlace, Span<byte> slot)
    {
        ReadOnlySpan<byte> keyed = key.AsSpan(keyAt, CmacBlocks.StateLength);
        int length = headerLength + payload.Length;
        if (length <= MacBatch.SlotLength)
        {
            payload.CopyTo(slot[headerLength..]);
            int before = CmacBlocks.BlocksBeforeLast(length);
            CmacBlocks.FinishLastBlock(keyed, slot.Slice(before, BlockLength), length - before);
            return new MacJob(key, keyAt, (before / BlockLength) + 1, 0, 0, 0);
        }

        int fill = -headerLength & (BlockLength - 1);
        payload[..fill].CopyTo(slot[headerLength..]);
        int body = CmacBlocks.BlocksBeforeLast(payload.Length - fill);
        ReadOnlySpan<byte> rest = payload[(fill + body)..];
        Span<byte> tail = slot.Slice(MacBatch.SlotLength / 2, BlockLength);
        rest.CopyTo(tail);
        CmacBlocks.FinishLastBlock(keyed, tail, rest.Length);
        return new MacJob(key, keyAt, (headerLength + fill) / BlockLength, payloadPlace + fill, body / BlockLength, 1);
    }

    /// <inheritdoc/>
    public override void Compute(Span<MacJob> jobs, ReadOnlySpan<byte> order, Span<byte> memory, Span<byte> gathered, ReadOnlySpan<byte> payloads)
    {
        ReadOnlySpan<byte> left = order;
        while (EvenJobs.AreNext(jobs, left, EvenCmac<TAes>.Lanes))
        {
            EvenCmac<TAes>.Compute(jobs, left, memory, gathered, payloads);
            left = left[EvenCmac<TAes>.Lanes..];
        }

        if (!left.IsEmpty)
        {
            var chains = new AesLanes<TAes>(memory);
            LaneScheduler.Run(ref chains, jobs, left, gathered, payloads);
        }

        for (int i = 0; i < jobs.Length; i++)
        {
            EraseLastBlock(jobs[i], gathered.Slice(i * MacBatch.SlotLength, MacBatch.SlotLength));
        }
    }

    /// <summary>The last block was XORed with a subkey; whoever knows the message would know that.</summary>
    private static void EraseLastBlock(in MacJob job, Span<byte> slot)
    {
        int at = job.TailBlocks > 0 ? MacBatch.SlotLength / 2 : (job.HeadBlocks - 1) * BlockLength;
        if (at > 0)
        {
            Vector128<byte>.Zero.CopyTo(slot[at..]);
        }
    }
}
