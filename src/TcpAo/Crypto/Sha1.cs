using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>SHA-1's compression function: the message schedule in vectors, the rounds in scalars. Source: FIPS 180-4 section 6.1.</summary>
internal readonly struct Sha1 : IHmacHash
{
    private const int Rounds = 80;

    /// <inheritdoc/>
    public static ReadOnlySpan<uint> InitialState => [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0];

    /// <inheritdoc/>
    public static bool IsBigEndian => true;

    /// <inheritdoc/>
    public static void Compress(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        if (BlockFunctions.Current is { } functions)
        {
            functions.CompressSha1(state, blocks);
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
        VectorWords.StoreBigEndian(Vector128.Create(state[4], 0x8000_0000, 0, 0), block[16..]);
        VectorWords.StoreBigEndian(Vector128<uint>.Zero, block[32..]);
        VectorWords.StoreBigEndian(Vector128.Create(0u, 0, 0, (IBlockHash.BlockLength + 20) * 8), block[48..]);
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
    /// The 80 rounds, four at a time, and between them the schedule, four groups ahead. The rounds wait for each other; the
    /// CPU fills that time with the schedule only when it stands close by. Written out, because five variables change places
    /// every round and a call per round would exceed what the JIT inlines.
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
        e = e + w[0] + (d ^ (b & (c ^ d))) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[1] + (c ^ (a & (b ^ c))) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[2] + (b ^ (e & (a ^ b))) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[3] + (a ^ (d & (e ^ a))) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);

        k = Vector128.Create(0x6ED9EBA1u);
        Vector128<uint> w5 = Next(w1, w2, w3, w4);
        schedule[5] = w5 + k;
        a = a + w[4] + (e ^ (c & (d ^ e))) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[5] + (d ^ (b & (c ^ d))) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[6] + (c ^ (a & (b ^ c))) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[7] + (b ^ (e & (a ^ b))) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);

        Vector128<uint> w6 = Next(w2, w3, w4, w5);
        schedule[6] = w6 + k;
        b = b + w[8] + (a ^ (d & (e ^ a))) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[9] + (e ^ (c & (d ^ e))) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[10] + (d ^ (b & (c ^ d))) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[11] + (c ^ (a & (b ^ c))) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);

        Vector128<uint> w7 = Next(w3, w4, w5, w6);
        schedule[7] = w7 + k;
        c = c + w[12] + (b ^ (e & (a ^ b))) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[13] + (a ^ (d & (e ^ a))) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[14] + (e ^ (c & (d ^ e))) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[15] + (d ^ (b & (c ^ d))) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);

        // from word 32 on eight vectors back, so that no lane needs another of the same vector
        w0 = Later(w0, w1, w4, w6, w7);
        schedule[8] = w0 + k;
        d = d + w[16] + (c ^ (a & (b ^ c))) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[17] + (b ^ (e & (a ^ b))) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[18] + (a ^ (d & (e ^ a))) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[19] + (e ^ (c & (d ^ e))) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);

        w1 = Later(w1, w2, w5, w7, w0);
        schedule[9] = w1 + k;
        e = e + w[20] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[21] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[22] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[23] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);

        k = Vector128.Create(0x8F1BBCDCu);
        w2 = Later(w2, w3, w6, w0, w1);
        schedule[10] = w2 + k;
        a = a + w[24] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[25] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[26] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[27] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);

        w3 = Later(w3, w4, w7, w1, w2);
        schedule[11] = w3 + k;
        b = b + w[28] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[29] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[30] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[31] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);

        w4 = Later(w4, w5, w0, w2, w3);
        schedule[12] = w4 + k;
        c = c + w[32] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[33] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[34] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[35] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);

        w5 = Later(w5, w6, w1, w3, w4);
        schedule[13] = w5 + k;
        d = d + w[36] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[37] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[38] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[39] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);

        w6 = Later(w6, w7, w2, w4, w5);
        schedule[14] = w6 + k;
        e = e + w[40] + (c & d) + (b & (c ^ d)) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[41] + (b & c) + (a & (b ^ c)) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[42] + (a & b) + (e & (a ^ b)) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[43] + (e & a) + (d & (e ^ a)) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);

        k = Vector128.Create(0xCA62C1D6u);
        w7 = Later(w7, w0, w3, w5, w6);
        schedule[15] = w7 + k;
        a = a + w[44] + (d & e) + (c & (d ^ e)) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[45] + (c & d) + (b & (c ^ d)) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[46] + (b & c) + (a & (b ^ c)) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[47] + (a & b) + (e & (a ^ b)) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);

        w0 = Later(w0, w1, w4, w6, w7);
        schedule[16] = w0 + k;
        b = b + w[48] + (e & a) + (d & (e ^ a)) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[49] + (d & e) + (c & (d ^ e)) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[50] + (c & d) + (b & (c ^ d)) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[51] + (b & c) + (a & (b ^ c)) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);

        w1 = Later(w1, w2, w5, w7, w0);
        schedule[17] = w1 + k;
        c = c + w[52] + (a & b) + (e & (a ^ b)) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[53] + (e & a) + (d & (e ^ a)) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[54] + (d & e) + (c & (d ^ e)) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[55] + (c & d) + (b & (c ^ d)) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);

        w2 = Later(w2, w3, w6, w0, w1);
        schedule[18] = w2 + k;
        d = d + w[56] + (b & c) + (a & (b ^ c)) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[57] + (a & b) + (e & (a ^ b)) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[58] + (e & a) + (d & (e ^ a)) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[59] + (d & e) + (c & (d ^ e)) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);

        w3 = Later(w3, w4, w7, w1, w2);
        schedule[19] = w3 + k;
        e = e + w[60] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[61] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[62] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[63] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);

        a = a + w[64] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[65] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[66] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[67] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);

        b = b + w[68] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[69] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[70] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);
        d = d + w[71] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);

        c = c + w[72] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[73] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[74] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);
        e = e + w[75] + (c ^ d ^ b) + BitOperations.RotateLeft(a, 5);
        b = BitOperations.RotateLeft(b, 30);

        d = d + w[76] + (b ^ c ^ a) + BitOperations.RotateLeft(e, 5);
        a = BitOperations.RotateLeft(a, 30);
        c = c + w[77] + (a ^ b ^ e) + BitOperations.RotateLeft(d, 5);
        e = BitOperations.RotateLeft(e, 30);
        b = b + w[78] + (e ^ a ^ d) + BitOperations.RotateLeft(c, 5);
        d = BitOperations.RotateLeft(d, 30);
        a = a + w[79] + (d ^ e ^ c) + BitOperations.RotateLeft(b, 5);
        c = BitOperations.RotateLeft(c, 30);

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
