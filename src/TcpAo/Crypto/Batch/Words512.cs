using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TcpAo.Crypto.Batch;

/// <summary>16 lanes: AVX-512 with byte shuffles (Skylake-X and Zen 4 onward).</summary>
internal readonly struct Words512 : IWordLanes<Vector512<uint>>
{
    /// <inheritdoc/>
    public static bool IsSupported => Avx512BW.IsSupported && BitConverter.IsLittleEndian;

    /// <inheritdoc/>
    public static int Count => 16;

    /// <inheritdoc/>
    public static int Fewest => 4;

    /// <inheritdoc/>
    public static Vector512<uint> Broadcast(uint word) => Vector512.Create(word);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadBlocks(scoped in LaneBlocks blocks, Span<Vector512<uint>> words)
    {
        words = words[..16];
        for (int i = 0; i < words.Length; i += 4)
        {
            Four(Load(blocks, i), Load(blocks, i + 1), Load(blocks, i + 2), Load(blocks, i + 3), words.Slice(i, 4));
        }

        Quarters(words);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadStates(ReadOnlySpan<MacJob> jobs, ReadOnlySpan<byte> order, Span<Vector512<uint>> states)
    {
        states = states[..16];
        order = order[..16];
        for (int i = 0; i < states.Length; i += 4)
        {
            Four(Key(jobs[order[i]]), Key(jobs[order[i + 1]]), Key(jobs[order[i + 2]]), Key(jobs[order[i + 3]]), states.Slice(i, 4));
        }

        Quarters(states);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreMacs(ReadOnlySpan<Vector512<uint>> state, ReadOnlySpan<byte> order, Span<byte> gathered)
    {
        order = order[..16];
        Span<Vector512<uint>> fours = stackalloc Vector512<uint>[4];
        Four(state[0], state[1], state[2], state[3], fours);
        for (int i = 0; i < fours.Length; i++)
        {
            Vector512<uint> four = fours[i];
            Store(four.GetLower().GetLower(), order[i], gathered);
            Store(four.GetLower().GetUpper(), order[i + 4], gathered);
            Store(four.GetUpper().GetLower(), order[i + 8], gathered);
            Store(four.GetUpper().GetUpper(), order[i + 12], gathered);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(Span<Vector512<uint>> rows)
    {
        rows = rows[..16];
        for (int i = 0; i < rows.Length; i += 4)
        {
            Four(rows[i], rows[i + 1], rows[i + 2], rows[i + 3], rows.Slice(i, 4));
        }

        Quarters(rows);
    }

    /// <summary>Four rows: quarter q of result i holds word 4q + i of the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four(Vector512<uint> x0, Vector512<uint> x1, Vector512<uint> x2, Vector512<uint> x3, Span<Vector512<uint>> result)
    {
        Vector512<ulong> low01 = Avx512F.UnpackLow(x0, x1).AsUInt64();
        Vector512<ulong> high01 = Avx512F.UnpackHigh(x0, x1).AsUInt64();
        Vector512<ulong> low23 = Avx512F.UnpackLow(x2, x3).AsUInt64();
        Vector512<ulong> high23 = Avx512F.UnpackHigh(x2, x3).AsUInt64();
        result[0] = Avx512F.UnpackLow(low01, low23).AsUInt32();
        result[1] = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        result[2] = Avx512F.UnpackLow(high01, high23).AsUInt32();
        result[3] = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Quarter q of the four rows i, 4 + i, 8 + i, 12 + i into row 4q + i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(Span<Vector512<uint>> rows)
    {
        for (int i = 0; i < 4; i++)
        {
            Vector512<uint> ab01 = Avx512F.Shuffle4x128(rows[i], rows[i + 4], 0x44);
            Vector512<uint> ab23 = Avx512F.Shuffle4x128(rows[i], rows[i + 4], 0xEE);
            Vector512<uint> cd01 = Avx512F.Shuffle4x128(rows[i + 8], rows[i + 12], 0x44);
            Vector512<uint> cd23 = Avx512F.Shuffle4x128(rows[i + 8], rows[i + 12], 0xEE);
            rows[i] = Avx512F.Shuffle4x128(ab01, cd01, 0x88);
            rows[i + 4] = Avx512F.Shuffle4x128(ab01, cd01, 0xDD);
            rows[i + 8] = Avx512F.Shuffle4x128(ab23, cd23, 0x88);
            rows[i + 12] = Avx512F.Shuffle4x128(ab23, cd23, 0xDD);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Key(in MacJob job) => Vector512.Create(job.Key.AsSpan(job.KeyAt, 64)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<uint> words, int job, Span<byte> gathered) => VectorWords.StoreBigEndian(words, gathered[(job * MacBatch.SlotLength)..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Load(scoped in LaneBlocks blocks, int lane)
    {
        Vector512<byte> order = Vector512.Create(Vector256.Create(Vector128.Create((byte)3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)));
        return Avx512BW.Shuffle(Vector512.Create(blocks.Read(lane, 0, 64)), order).AsUInt32();
    }
}
