using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>SHA-256's compression function: the message schedule in vectors, the rounds in scalars. Source: FIPS 180-4 section 6.2.</summary>
internal readonly struct Sha256 : IHmacHash
{
    private const int Rounds = 64;

    /// <inheritdoc/>
    public static ReadOnlySpan<uint> InitialState =>
        [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    /// <inheritdoc/>
    public static bool IsBigEndian => true;

    internal static ReadOnlySpan<uint> Constants =>
    [
        0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
        0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
        0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
        0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
        0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
        0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
        0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
        0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
    ];

    /// <inheritdoc/>
    public static void Compress(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        if (BlockFunctions.Current is { } functions)
        {
            functions.CompressSha256(state, blocks);
        }
        else
        {
            CompressManaged(state, blocks);
        }
    }

    /// <inheritdoc/>
    public static void WriteDigestBlock(ReadOnlySpan<uint> state, Span<byte> block)
    {
        VectorWords.StoreBigEndian(Vector128.Create(state), block);
        VectorWords.StoreBigEndian(Vector128.Create(state[4..]), block[16..]);
        VectorWords.StoreBigEndian(Vector128.Create(0x8000_0000u, 0, 0, 0), block[32..]);
        VectorWords.StoreBigEndian(Vector128.Create(0u, 0, 0, (IBlockHash.BlockLength + 32) * 8), block[48..]);
    }

    /// <summary>The same in C#, wherever the engine runs.</summary>
    public static void CompressManaged(Span<uint> state, ReadOnlySpan<byte> blocks)
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
    /// The 64 rounds, four at a time, and between them the schedule, 16 rounds ahead. The rounds wait for each other; the CPU
    /// fills that time with the schedule only when it stands close by. 16 rounds are written out, because eight variables
    /// change places every round and a call per round would exceed what the JIT inlines.
    /// </summary>
    /// <param name="state">Eight words.</param>
    /// <param name="block">Begins with the block.</param>
    /// <param name="schedule">Room for the 64 words, each with its round's constant added.</param>
    private static void CompressBlock(Span<uint> state, ReadOnlySpan<byte> block, Span<Vector128<uint>> schedule)
    {
        ReadOnlySpan<Vector128<uint>> k = MemoryMarshal.Cast<uint, Vector128<uint>>(Constants)[..(Rounds / 4)];
        state = state[..8];
        block = block[..IBlockHash.BlockLength];
        schedule = schedule[..(Rounds / 4)];
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<Vector128<uint>, uint>(schedule)[..Rounds];
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];

        Vector128<uint> w0 = VectorWords.LoadBigEndian(block);
        Vector128<uint> w1 = VectorWords.LoadBigEndian(block[16..]);
        Vector128<uint> w2 = VectorWords.LoadBigEndian(block[32..]);
        Vector128<uint> w3 = VectorWords.LoadBigEndian(block[48..]);
        schedule[0] = w0 + k[0];
        schedule[1] = w1 + k[1];
        schedule[2] = w2 + k[2];
        schedule[3] = w3 + k[3];
        for (int t = 0; t < Rounds; t += 16)
        {
            // the vectors of the next 16 rounds, if there are any
            bool more = t < Rounds - 16;
            int ahead = more ? (t / 4) + 4 : 0;
            ReadOnlySpan<Vector128<uint>> nextK = k.Slice(ahead, 4);
            Span<Vector128<uint>> next = schedule.Slice(ahead, 4);
            ReadOnlySpan<uint> w = words.Slice(t, 16);

            if (more)
            {
                w0 = Next(w0, w1, w2, w3);
                next[0] = w0 + nextK[0];
            }

            h = h + w[0] + (g ^ (e & (f ^ g))) + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25));
            d += h;
            h = h + (a & b) + (c & (a ^ b)) + (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22));
            g = g + w[1] + (f ^ (d & (e ^ f))) + (BitOperations.RotateRight(d, 6) ^ BitOperations.RotateRight(d, 11) ^ BitOperations.RotateRight(d, 25));
            c += g;
            g = g + (h & a) + (b & (h ^ a)) + (BitOperations.RotateRight(h, 2) ^ BitOperations.RotateRight(h, 13) ^ BitOperations.RotateRight(h, 22));
            f = f + w[2] + (e ^ (c & (d ^ e))) + (BitOperations.RotateRight(c, 6) ^ BitOperations.RotateRight(c, 11) ^ BitOperations.RotateRight(c, 25));
            b += f;
            f = f + (g & h) + (a & (g ^ h)) + (BitOperations.RotateRight(g, 2) ^ BitOperations.RotateRight(g, 13) ^ BitOperations.RotateRight(g, 22));
            e = e + w[3] + (d ^ (b & (c ^ d))) + (BitOperations.RotateRight(b, 6) ^ BitOperations.RotateRight(b, 11) ^ BitOperations.RotateRight(b, 25));
            a += e;
            e = e + (f & g) + (h & (f ^ g)) + (BitOperations.RotateRight(f, 2) ^ BitOperations.RotateRight(f, 13) ^ BitOperations.RotateRight(f, 22));

            if (more)
            {
                w1 = Next(w1, w2, w3, w0);
                next[1] = w1 + nextK[1];
            }

            d = d + w[4] + (c ^ (a & (b ^ c))) + (BitOperations.RotateRight(a, 6) ^ BitOperations.RotateRight(a, 11) ^ BitOperations.RotateRight(a, 25));
            h += d;
            d = d + (e & f) + (g & (e ^ f)) + (BitOperations.RotateRight(e, 2) ^ BitOperations.RotateRight(e, 13) ^ BitOperations.RotateRight(e, 22));
            c = c + w[5] + (b ^ (h & (a ^ b))) + (BitOperations.RotateRight(h, 6) ^ BitOperations.RotateRight(h, 11) ^ BitOperations.RotateRight(h, 25));
            g += c;
            c = c + (d & e) + (f & (d ^ e)) + (BitOperations.RotateRight(d, 2) ^ BitOperations.RotateRight(d, 13) ^ BitOperations.RotateRight(d, 22));
            b = b + w[6] + (a ^ (g & (h ^ a))) + (BitOperations.RotateRight(g, 6) ^ BitOperations.RotateRight(g, 11) ^ BitOperations.RotateRight(g, 25));
            f += b;
            b = b + (c & d) + (e & (c ^ d)) + (BitOperations.RotateRight(c, 2) ^ BitOperations.RotateRight(c, 13) ^ BitOperations.RotateRight(c, 22));
            a = a + w[7] + (h ^ (f & (g ^ h))) + (BitOperations.RotateRight(f, 6) ^ BitOperations.RotateRight(f, 11) ^ BitOperations.RotateRight(f, 25));
            e += a;
            a = a + (b & c) + (d & (b ^ c)) + (BitOperations.RotateRight(b, 2) ^ BitOperations.RotateRight(b, 13) ^ BitOperations.RotateRight(b, 22));

            if (more)
            {
                w2 = Next(w2, w3, w0, w1);
                next[2] = w2 + nextK[2];
            }

            h = h + w[8] + (g ^ (e & (f ^ g))) + (BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25));
            d += h;
            h = h + (a & b) + (c & (a ^ b)) + (BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22));
            g = g + w[9] + (f ^ (d & (e ^ f))) + (BitOperations.RotateRight(d, 6) ^ BitOperations.RotateRight(d, 11) ^ BitOperations.RotateRight(d, 25));
            c += g;
            g = g + (h & a) + (b & (h ^ a)) + (BitOperations.RotateRight(h, 2) ^ BitOperations.RotateRight(h, 13) ^ BitOperations.RotateRight(h, 22));
            f = f + w[10] + (e ^ (c & (d ^ e))) + (BitOperations.RotateRight(c, 6) ^ BitOperations.RotateRight(c, 11) ^ BitOperations.RotateRight(c, 25));
            b += f;
            f = f + (g & h) + (a & (g ^ h)) + (BitOperations.RotateRight(g, 2) ^ BitOperations.RotateRight(g, 13) ^ BitOperations.RotateRight(g, 22));
            e = e + w[11] + (d ^ (b & (c ^ d))) + (BitOperations.RotateRight(b, 6) ^ BitOperations.RotateRight(b, 11) ^ BitOperations.RotateRight(b, 25));
            a += e;
            e = e + (f & g) + (h & (f ^ g)) + (BitOperations.RotateRight(f, 2) ^ BitOperations.RotateRight(f, 13) ^ BitOperations.RotateRight(f, 22));

            if (more)
            {
                w3 = Next(w3, w0, w1, w2);
                next[3] = w3 + nextK[3];
            }

            d = d + w[12] + (c ^ (a & (b ^ c))) + (BitOperations.RotateRight(a, 6) ^ BitOperations.RotateRight(a, 11) ^ BitOperations.RotateRight(a, 25));
            h += d;
            d = d + (e & f) + (g & (e ^ f)) + (BitOperations.RotateRight(e, 2) ^ BitOperations.RotateRight(e, 13) ^ BitOperations.RotateRight(e, 22));
            c = c + w[13] + (b ^ (h & (a ^ b))) + (BitOperations.RotateRight(h, 6) ^ BitOperations.RotateRight(h, 11) ^ BitOperations.RotateRight(h, 25));
            g += c;
            c = c + (d & e) + (f & (d ^ e)) + (BitOperations.RotateRight(d, 2) ^ BitOperations.RotateRight(d, 13) ^ BitOperations.RotateRight(d, 22));
            b = b + w[14] + (a ^ (g & (h ^ a))) + (BitOperations.RotateRight(g, 6) ^ BitOperations.RotateRight(g, 11) ^ BitOperations.RotateRight(g, 25));
            f += b;
            b = b + (c & d) + (e & (c ^ d)) + (BitOperations.RotateRight(c, 2) ^ BitOperations.RotateRight(c, 13) ^ BitOperations.RotateRight(c, 22));
            a = a + w[15] + (h ^ (f & (g ^ h))) + (BitOperations.RotateRight(f, 6) ^ BitOperations.RotateRight(f, 11) ^ BitOperations.RotateRight(f, 25));
            e += a;
            a = a + (b & c) + (d & (b ^ c)) + (BitOperations.RotateRight(b, 2) ^ BitOperations.RotateRight(b, 13) ^ BitOperations.RotateRight(b, 22));
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
    /// <summary>w[t] = w[t-16] + s0(w[t-15]) + w[t-7] + s1(w[t-2]); the upper lanes' w[t-2] are the lower lanes' results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Next(Vector128<uint> back16, Vector128<uint> back12, Vector128<uint> back8, Vector128<uint> back4)
    {
        Vector128<uint> back15 = VectorWords.SkipOne(back16, back12);
        Vector128<uint> sum = back16 + VectorWords.SkipOne(back8, back4)
            + (VectorWords.RotateLeft(back15, 25) ^ VectorWords.RotateLeft(back15, 14) ^ (back15 >>> 3));
        sum += VectorWords.SkipTwo(LowerSigma1(back4), Vector128<uint>.Zero);
        return sum + VectorWords.SkipTwo(Vector128<uint>.Zero, LowerSigma1(sum));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> LowerSigma1(Vector128<uint> x) => VectorWords.RotateLeft(x, 15) ^ VectorWords.RotateLeft(x, 13) ^ (x >>> 10);
}
