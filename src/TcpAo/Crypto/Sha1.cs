using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>SHA-1's compression function: the message schedule in vectors, the rounds in scalars. Source: FIPS 180-4 section 6.1.</summary>
internal readonly struct Sha1 : IBlockHash
{
    private const int Rounds = 80;

    /// <inheritdoc/>
    public static ReadOnlySpan<uint> InitialState => [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0];

    /// <inheritdoc/>
    public static bool IsBigEndian => true;

    /// <inheritdoc/>
    public static void Compress(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        Span<Vector128<uint>> schedule = stackalloc Vector128<uint>[Rounds / 4];
        while (blocks.Length >= IBlockHash.BlockLength)
        {
            CompressBlock(state, blocks, schedule);
            blocks = blocks[IBlockHash.BlockLength..];
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(schedule));
    }

    /// <summary>
    /// Five vectors of the schedule, then the 20 rounds that read them, four times over: while those rounds wait for each
    /// other the CPU already works at the next vectors, which it does not reach in time when all 20 stand in front.
    /// </summary>
    /// <param name="state">Five words.</param>
    /// <param name="block">Begins with the block.</param>
    /// <param name="schedule">Room for the 80 words, each with its round's constant added.</param>
    private static void CompressBlock(Span<uint> state, ReadOnlySpan<byte> block, Span<Vector128<uint>> schedule)
    {
        state = state[..5];
        block = block[..IBlockHash.BlockLength];
        schedule = schedule[..(Rounds / 4)];
        ReadOnlySpan<uint> w = MemoryMarshal.Cast<Vector128<uint>, uint>(schedule)[..Rounds];
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];

        Vector128<uint> k = Vector128.Create(0x5A827999u);
        Vector128<uint> w0 = VectorWords.LoadBigEndian(block);
        Vector128<uint> w1 = VectorWords.LoadBigEndian(block[16..]);
        Vector128<uint> w2 = VectorWords.LoadBigEndian(block[32..]);
        Vector128<uint> w3 = VectorWords.LoadBigEndian(block[48..]);
        schedule[0] = w0 + k;
        schedule[1] = w1 + k;
        schedule[2] = w2 + k;
        schedule[3] = w3 + k;
        Vector128<uint> w4 = Next(w0, w1, w2, w3);
        schedule[4] = w4 + k;

        for (int t = 0; t < 20; t += 5)
        {
            e = e + w[t] + (d ^ (b & (c ^ d))) + BitOperations.RotateLeft(a, 5);
            b = BitOperations.RotateLeft(b, 30);
            d = d + w[t + 1] + (c ^ (a & (b ^ c))) + BitOperations.RotateLeft(e, 5);
            a = BitOperations.RotateLeft(a, 30);
            c = c + w[t + 2] + (b ^ (e & (a ^ b))) + BitOperations.RotateLeft(d, 5);
            e = BitOperations.RotateLeft(e, 30);
            b = b + w[t + 3] + (a ^ (d & (e ^ a))) + BitOperations.RotateLeft(c, 5);
            d = BitOperations.RotateLeft(d, 30);
            a = a + w[t + 4] + (e ^ (c & (d ^ e))) + BitOperations.RotateLeft(b, 5);
            c = BitOperations.RotateLeft(c, 30);
        }

        k = Vector128.Create(0x6ED9EBA1u);
        Vector128<uint> w5 = Next(w1, w2, w3, w4);
        schedule[5] = w5 + k;
        Vector128<uint> w6 = Next(w2, w3, w4, w5);
        schedule[6] = w6 + k;
        Vector128<uint> w7 = Next(w3, w4, w5, w6);
        schedule[7] = w7 + k;

        // from word 32 on: eight vectors back, so that no lane needs another of the same vector
        w0 = Later(w0, w1, w4, w6, w7);
        schedule[8] = w0 + k;
        w1 = Later(w1, w2, w5, w7, w0);
        schedule[9] = w1 + k;

        for (int t = 20; t < 40; t += 5)
        {
            e = e + w[t] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
            b = BitOperations.RotateLeft(b, 30);
            d = d + w[t + 1] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
            a = BitOperations.RotateLeft(a, 30);
            c = c + w[t + 2] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
            e = BitOperations.RotateLeft(e, 30);
            b = b + w[t + 3] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
            d = BitOperations.RotateLeft(d, 30);
            a = a + w[t + 4] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
            c = BitOperations.RotateLeft(c, 30);
        }

        k = Vector128.Create(0x8F1BBCDCu);
        w2 = Later(w2, w3, w6, w0, w1);
        schedule[10] = w2 + k;
        w3 = Later(w3, w4, w7, w1, w2);
        schedule[11] = w3 + k;
        w4 = Later(w4, w5, w0, w2, w3);
        schedule[12] = w4 + k;
        w5 = Later(w5, w6, w1, w3, w4);
        schedule[13] = w5 + k;
        w6 = Later(w6, w7, w2, w4, w5);
        schedule[14] = w6 + k;

        for (int t = 40; t < 60; t += 5)
        {
            e = e + w[t] + (c & d) + (b & (c ^ d)) + BitOperations.RotateLeft(a, 5);
            b = BitOperations.RotateLeft(b, 30);
            d = d + w[t + 1] + (b & c) + (a & (b ^ c)) + BitOperations.RotateLeft(e, 5);
            a = BitOperations.RotateLeft(a, 30);
            c = c + w[t + 2] + (a & b) + (e & (a ^ b)) + BitOperations.RotateLeft(d, 5);
            e = BitOperations.RotateLeft(e, 30);
            b = b + w[t + 3] + (e & a) + (d & (e ^ a)) + BitOperations.RotateLeft(c, 5);
            d = BitOperations.RotateLeft(d, 30);
            a = a + w[t + 4] + (d & e) + (c & (d ^ e)) + BitOperations.RotateLeft(b, 5);
            c = BitOperations.RotateLeft(c, 30);
        }

        k = Vector128.Create(0xCA62C1D6u);
        w7 = Later(w7, w0, w3, w5, w6);
        schedule[15] = w7 + k;
        w0 = Later(w0, w1, w4, w6, w7);
        schedule[16] = w0 + k;
        w1 = Later(w1, w2, w5, w7, w0);
        schedule[17] = w1 + k;
        w2 = Later(w2, w3, w6, w0, w1);
        schedule[18] = w2 + k;
        w3 = Later(w3, w4, w7, w1, w2);
        schedule[19] = w3 + k;

        for (int t = 60; t < 80; t += 5)
        {
            e = e + w[t] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
            b = BitOperations.RotateLeft(b, 30);
            d = d + w[t + 1] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
            a = BitOperations.RotateLeft(a, 30);
            c = c + w[t + 2] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
            e = BitOperations.RotateLeft(e, 30);
            b = b + w[t + 3] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
            d = BitOperations.RotateLeft(d, 30);
            a = a + w[t + 4] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
            c = BitOperations.RotateLeft(c, 30);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
    }
    /// <summary>w[t] = rotl1(w[t-3] ^ w[t-8] ^ w[t-14] ^ w[t-16]); the last lane's w[t-3] is the first lane's result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Next(Vector128<uint> back16, Vector128<uint> back12, Vector128<uint> back8, Vector128<uint> back4)
    {
        Vector128<uint> sum = back16 ^ VectorWords.SkipTwo(back16, back12) ^ back8 ^ VectorWords.SkipOne(back4, Vector128<uint>.Zero);
        Vector128<uint> first = Vector128.Shuffle(sum, Vector128.Create(4u, 4, 4, 0));
        return VectorWords.RotateLeft(sum, 1) ^ VectorWords.RotateLeft(first, 2);
    }

    /// <summary>The same recurrence applied twice: w[t] = rotl2(w[t-6] ^ w[t-16] ^ w[t-28] ^ w[t-32]).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Later(Vector128<uint> back32, Vector128<uint> back28, Vector128<uint> back16, Vector128<uint> back8, Vector128<uint> back4) =>
        VectorWords.RotateLeft(back32 ^ back28 ^ back16 ^ VectorWords.SkipTwo(back8, back4), 2);
}
