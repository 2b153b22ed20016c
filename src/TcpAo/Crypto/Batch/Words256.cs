using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TcpAo.Crypto.Batch;

/// <summary>8 lanes: AVX2.</summary>
internal readonly struct Words256 : IWordLanes<Vector256<uint>>
{
    /// <inheritdoc/>
    public static bool IsSupported => Avx2.IsSupported && BitConverter.IsLittleEndian;

    /// <inheritdoc/>
    public static int Count => 8;

    /// <inheritdoc/>
    public static int Fewest => 4;

    /// <inheritdoc/>
    public static Vector256<uint> Broadcast(uint word) => Vector256.Create(word);

    /// <summary>Two 8 × 8 transposes, one for each half of the blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadBlocks(scoped in LaneBlocks blocks, Span<Vector256<uint>> words)
    {
        words = words[..16];
        Half(blocks, 0, words[..8]);
        Half(blocks, 32, words[8..]);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadStates(ReadOnlySpan<MacJob> jobs, ReadOnlySpan<byte> order, Span<Vector256<uint>> states)
    {
        states = states[..16];
        order = order[..8];
        for (int half = 0; half < states.Length; half += 8)
        {
            Span<Vector256<uint>> rows = states.Slice(half, 8);
            for (int i = 0; i < rows.Length; i += 4)
            {
                Four(Key(jobs[order[i]], half), Key(jobs[order[i + 1]], half), Key(jobs[order[i + 2]], half), Key(jobs[order[i + 3]], half), rows.Slice(i, 4));
            }

            Halves(rows);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreMacs(ReadOnlySpan<Vector256<uint>> state, ReadOnlySpan<byte> order, Span<byte> gathered)
    {
        order = order[..8];
        Span<Vector256<uint>> fours = stackalloc Vector256<uint>[4];
        Four(state[0], state[1], state[2], state[3], fours);
        for (int i = 0; i < fours.Length; i++)
        {
            Store(fours[i].GetLower(), order[i], gathered);
            Store(fours[i].GetUpper(), order[i + 4], gathered);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(Span<Vector256<uint>> rows)
    {
        rows = rows[..8];
        Four(rows[0], rows[1], rows[2], rows[3], rows[..4]);
        Four(rows[4], rows[5], rows[6], rows[7], rows[4..]);
        Halves(rows);
    }

    private static void Half(scoped in LaneBlocks blocks, int ahead, Span<Vector256<uint>> words)
    {
        words = words[..8];
        Four(Load(blocks, 0, ahead), Load(blocks, 1, ahead), Load(blocks, 2, ahead), Load(blocks, 3, ahead), words[..4]);
        Four(Load(blocks, 4, ahead), Load(blocks, 5, ahead), Load(blocks, 6, ahead), Load(blocks, 7, ahead), words[4..]);
        Halves(words);
    }

    /// <summary>Four rows: half h of result i holds word 4h + i of the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(Vector256<uint> x0, Vector256<uint> x1, Vector256<uint> x2, Vector256<uint> x3, Span<Vector256<uint>> result)
    {
        Vector256<ulong> low01 = Avx2.UnpackLow(x0, x1).AsUInt64();
        Vector256<ulong> high01 = Avx2.UnpackHigh(x0, x1).AsUInt64();
        Vector256<ulong> low23 = Avx2.UnpackLow(x2, x3).AsUInt64();
        Vector256<ulong> high23 = Avx2.UnpackHigh(x2, x3).AsUInt64();
        result[0] = Avx2.UnpackLow(low01, low23).AsUInt32();
        result[1] = Avx2.UnpackHigh(low01, low23).AsUInt32();
        result[2] = Avx2.UnpackLow(high01, high23).AsUInt32();
        result[3] = Avx2.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Half h of the rows i and 4 + i into row 4h + i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(Span<Vector256<uint>> rows)
    {
        for (int i = 0; i < 4; i++)
        {
            Vector256<uint> low = Avx2.Permute2x128(rows[i], rows[i + 4], 0x20);
            rows[i + 4] = Avx2.Permute2x128(rows[i], rows[i + 4], 0x31);
            rows[i] = low;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Key(in MacJob job, int word) => Vector256.Create(job.Key.AsSpan(job.KeyAt + (word * sizeof(uint)), 32)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<uint> words, int job, Span<byte> gathered) => VectorWords.StoreBigEndian(words, gathered[(job * MacBatch.SlotLength)..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Load(scoped in LaneBlocks blocks, int lane, int ahead)
    {
        Vector256<byte> order = Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
        return Avx2.Shuffle(Vector256.Create(blocks.Read(lane, ahead, 32)), order).AsUInt32();
    }
}
