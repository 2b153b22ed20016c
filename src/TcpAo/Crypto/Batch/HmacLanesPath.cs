namespace TcpAo.Crypto.Batch;

/// <summary>HMAC over lanes: all inner hashes, then all outer ones, each a single block. Source: RFC 2104.</summary>
/// <typeparam name="THash">The hash, for one message alone.</typeparam>
/// <typeparam name="TLaneHash">The hash over lanes.</typeparam>
/// <typeparam name="TLanes">How blocks come into lanes.</typeparam>
/// <typeparam name="TVector">A word of each lane.</typeparam>
/// <param name="name">What it is called.</param>
internal sealed class HmacLanesPath<THash, TLaneHash, TLanes, TVector>(string name) : MacPath
    where THash : struct, IHmacHash
    where TLaneHash : struct, ILaneHash<TVector>
    where TLanes : struct, IWordLanes<TVector>
    where TVector : struct
{
    private const int BlockLength = IBlockHash.BlockLength;

    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override bool IsSupported => TLanes.IsSupported;

    /// <inheritdoc/>
    public override int Lanes => TLanes.Count;

    /// <inheritdoc/>
    public override int MemoryLength => EvenHmac<THash, TLaneHash, TLanes, TVector>.Vectors * TLanes.Count * sizeof(uint);

    /// <inheritdoc/>
    public override MacJob Gather(byte[] key, int keyAt, int headerLength, ReadOnlySpan<byte> payload, int payloadPlace, Span<byte> slot)
    {
        int length = headerLength + payload.Length;
        ulong hashed = (ulong)(BlockLength + length);
        if (length <= MacBatch.SlotLength - HashPadding.LeastLength)
        {
            payload.CopyTo(slot[headerLength..]);
            int padded = HashPadding.Pad<THash>(slot, length, hashed).Length;
            return new MacJob(key, keyAt, padded / BlockLength, 0, 0, 0);
        }

        int fill = -headerLength & (BlockLength - 1);
        payload[..fill].CopyTo(slot[headerLength..]);
        int body = (payload.Length - fill) / BlockLength;
        ReadOnlySpan<byte> rest = payload[(fill + (body * BlockLength))..];
        Span<byte> tail = slot[(MacBatch.SlotLength / 2)..];
        rest.CopyTo(tail);
        int tailLength = HashPadding.Pad<THash>(tail, rest.Length, hashed).Length;
        return new MacJob(key, keyAt, (headerLength + fill) / BlockLength, payloadPlace + fill, body, tailLength / BlockLength);
    }

    /// <inheritdoc/>
    public override void Compute(Span<MacJob> jobs, ReadOnlySpan<byte> order, Span<byte> memory, Span<byte> gathered, ReadOnlySpan<byte> payloads)
    {
        while (EvenJobs.AreNext(jobs, order, TLanes.Count))
        {
            EvenHmac<THash, TLaneHash, TLanes, TVector>.Compute(jobs, order, memory, gathered, payloads);
            order = order[TLanes.Count..];
        }

        if (order.IsEmpty)
        {
            return;
        }

        var inner = new HashLanes<THash, TLaneHash, TLanes, TVector>(memory, isOuter: false);
        LaneScheduler.Run(ref inner, jobs, order, gathered, payloads);
        foreach (ref MacJob job in jobs)
        {
            job = job.OfOneBlock;
        }

        var outer = new HashLanes<THash, TLaneHash, TLanes, TVector>(memory, isOuter: true);
        LaneScheduler.Run(ref outer, jobs, order, gathered, payloads);
    }
}
