using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TcpAo.Crypto.Batch;

/// <summary>
/// CMACs of eight messages with equally many blocks: each chain waits ten rounds for its next block, and a CPU begins two rounds a cycle that take four, so that eight
/// keep it busy. No job comes or goes on the way. Source: RFC 4493.
/// </summary>
/// <typeparam name="TAes">The rounds.</typeparam>
internal static class EvenCmac<TAes>
    where TAes : struct, IAesRounds
{
    /// <summary>Messages side by side.</summary>
    public const int Lanes = 8;

    /// <summary>Vectors of working memory.</summary>
    public const int Vectors = AesKeySchedule.RoundKeys * Lanes;

    /// <summary>Computes them; each result stands at the beginning of its job's slot.</summary>
    public static void Compute(ReadOnlySpan<MacJob> jobs, ReadOnlySpan<byte> order, Span<byte> memory, Span<byte> gathered, ReadOnlySpan<byte> payloads)
    {
        order = order[..Lanes];
        Span<Vector128<byte>> keys = MemoryMarshal.Cast<byte, Vector128<byte>>(memory)[..Vectors];
        Span<Vector128<byte>> state = stackalloc Vector128<byte>[Lanes];
        Span<int> places = stackalloc int[Lanes];
        for (int lane = 0; lane < order.Length; lane++)
        {
            ref readonly MacJob job = ref jobs[order[lane]];
            SpreadKey(job.Key.AsSpan(job.KeyAt, AesKeySchedule.Length), keys[lane..]);
            places[lane] = order[lane] * MacBatch.SlotLength;
        }

        ref readonly MacJob first = ref jobs[order[0]];
        Eat(state, keys, gathered, places, first.HeadBlocks);
        if (first.BodyBlocks > 0)
        {
            for (int lane = 0; lane < order.Length; lane++)
            {
                places[lane] = jobs[order[lane]].BodyPlace - gathered.Length;
            }

            Eat(state, keys, payloads, places, first.BodyBlocks);
        }

        if (first.TailBlocks > 0)
        {
            for (int lane = 0; lane < order.Length; lane++)
            {
                places[lane] = (order[lane] * MacBatch.SlotLength) + (MacBatch.SlotLength / 2);
            }

            Eat(state, keys, gathered, places, first.TailBlocks);
        }

        for (int lane = 0; lane < order.Length; lane++)
        {
            state[lane].CopyTo(gathered[(order[lane] * MacBatch.SlotLength)..]);
        }
    }

    /// <summary>A round key of all lanes after the other.</summary>
    private static void SpreadKey(ReadOnlySpan<byte> roundKeys, Span<Vector128<byte>> keys)
    {
        ReadOnlySpan<Vector128<byte>> own = MemoryMarshal.Cast<byte, Vector128<byte>>(roundKeys)[..AesKeySchedule.RoundKeys];
        keys = keys[..(((AesKeySchedule.RoundKeys - 1) * Lanes) + 1)];
        keys[0] = own[0];
        keys[8] = own[1];
        keys[16] = own[2];
        keys[24] = own[3];
        keys[32] = own[4];
        keys[40] = own[5];
        keys[48] = own[6];
        keys[56] = own[7];
        keys[64] = own[8];
        keys[72] = own[9];
        keys[80] = own[10];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eat(Span<Vector128<byte>> state, ReadOnlySpan<Vector128<byte>> keys, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> places, int count)
    {
        state = state[..Lanes];
        keys = keys[..Vectors];
        ReadOnlySpan<Vector128<byte>> b0 = Blocks(bytes, places[0], count), b1 = Blocks(bytes, places[1], count);
        ReadOnlySpan<Vector128<byte>> b2 = Blocks(bytes, places[2], count), b3 = Blocks(bytes, places[3], count);
        ReadOnlySpan<Vector128<byte>> b4 = Blocks(bytes, places[4], count), b5 = Blocks(bytes, places[5], count);
        ReadOnlySpan<Vector128<byte>> b6 = Blocks(bytes, places[6], count), b7 = Blocks(bytes, places[7], count);
        Vector128<byte> s0 = state[0], s1 = state[1], s2 = state[2], s3 = state[3], s4 = state[4], s5 = state[5], s6 = state[6], s7 = state[7];
        for (int i = 0; i < b0.Length; i++)
        {
            s0 ^= b0[i] ^ keys[0];
            s1 ^= b1[i] ^ keys[1];
            s2 ^= b2[i] ^ keys[2];
            s3 ^= b3[i] ^ keys[3];
            s4 ^= b4[i] ^ keys[4];
            s5 ^= b5[i] ^ keys[5];
            s6 ^= b6[i] ^ keys[6];
            s7 ^= b7[i] ^ keys[7];
            ReadOnlySpan<Vector128<byte>> round;
            for (int at = Lanes; at < Vectors - Lanes; at += Lanes)
            {
                round = keys.Slice(at, Lanes);
                s0 = TAes.Round(s0, round[0]);
                s1 = TAes.Round(s1, round[1]);
                s2 = TAes.Round(s2, round[2]);
                s3 = TAes.Round(s3, round[3]);
                s4 = TAes.Round(s4, round[4]);
                s5 = TAes.Round(s5, round[5]);
                s6 = TAes.Round(s6, round[6]);
                s7 = TAes.Round(s7, round[7]);
            }

            round = keys[^Lanes..];
            s0 = TAes.LastRound(s0, round[0]);
            s1 = TAes.LastRound(s1, round[1]);
            s2 = TAes.LastRound(s2, round[2]);
            s3 = TAes.LastRound(s3, round[3]);
            s4 = TAes.LastRound(s4, round[4]);
            s5 = TAes.LastRound(s5, round[5]);
            s6 = TAes.LastRound(s6, round[6]);
            s7 = TAes.LastRound(s7, round[7]);
        }

        (state[0], state[1], state[2], state[3]) = (s0, s1, s2, s3);
        (state[4], state[5], state[6], state[7]) = (s4, s5, s6, s7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<Vector128<byte>> Blocks(ReadOnlySpan<byte> bytes, int place, int count) =>
        MemoryMarshal.Cast<byte, Vector128<byte>>(bytes.Slice(place, count * AesKeySchedule.BlockLength));
}
