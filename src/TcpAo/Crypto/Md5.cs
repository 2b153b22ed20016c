using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>
/// MD5's compression function, for TCP MD5 alone; a library that refuses MD5, as OpenSSL does in FIPS mode, cannot take it
/// away. Source: RFC 1321 section 3.4.
/// </summary>
internal readonly struct Md5 : IBlockHash
{
    private const int Rounds = 64;

    /// <inheritdoc/>
    public static ReadOnlySpan<uint> InitialState => [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];

    /// <inheritdoc/>
    public static bool IsBigEndian => false;

    private static ReadOnlySpan<uint> Sines =>
    [
        0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613, 0xFD469501,
        0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
        0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8,
        0x21E1CDE6, 0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A,
        0xFFFA3942, 0x8771F681, 0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70,
        0x289B7EC6, 0xEAA127FA, 0xD4EF3085, 0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665,
        0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039, 0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1,
        0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82, 0xBD3AF235, 0x2AD7D2BB, 0xEB86D391,
    ];

    /// <inheritdoc/>
    public static void Compress(Span<uint> state, ReadOnlySpan<byte> blocks)
    {
        Span<uint> words = stackalloc uint[IBlockHash.BlockLength / sizeof(uint)];
        while (blocks.Length >= IBlockHash.BlockLength)
        {
            blocks[..IBlockHash.BlockLength].CopyTo(MemoryMarshal.AsBytes(words));
            if (!BitConverter.IsLittleEndian)
            {
                BinaryPrimitives.ReverseEndianness(words, words);
            }

            RunRounds(state, words);
            blocks = blocks[IBlockHash.BlockLength..];
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
    }

    /// <summary>The 64 rounds, four at a time, after which each variable is back in its place.</summary>
    private static void RunRounds(Span<uint> state, ReadOnlySpan<uint> words)
    {
        ReadOnlySpan<uint> sines = Sines;
        words = words[..16];
        state = state[..4];
        uint a = state[0], b = state[1], c = state[2], d = state[3];
        for (int t = 0; t < 16; t += 4)
        {
            a = b + BitOperations.RotateLeft(a + sines[t] + words[t] + (d ^ (b & (c ^ d))), 7);
            d = a + BitOperations.RotateLeft(d + sines[t + 1] + words[t + 1] + (c ^ (a & (b ^ c))), 12);
            c = d + BitOperations.RotateLeft(c + sines[t + 2] + words[t + 2] + (b ^ (d & (a ^ b))), 17);
            b = c + BitOperations.RotateLeft(b + sines[t + 3] + words[t + 3] + (a ^ (c & (d ^ a))), 22);
        }

        for (int t = 16; t < 32; t += 4)
        {
            a = b + BitOperations.RotateLeft(a + sines[t] + words[((5 * t) + 1) & 15] + (c ^ (d & (b ^ c))), 5);
            d = a + BitOperations.RotateLeft(d + sines[t + 1] + words[((5 * t) + 6) & 15] + (b ^ (c & (a ^ b))), 9);
            c = d + BitOperations.RotateLeft(c + sines[t + 2] + words[((5 * t) + 11) & 15] + (a ^ (b & (d ^ a))), 14);
            b = c + BitOperations.RotateLeft(b + sines[t + 3] + words[((5 * t) + 16) & 15] + (d ^ (a & (c ^ d))), 20);
        }

        for (int t = 32; t < 48; t += 4)
        {
            a = b + BitOperations.RotateLeft(a + sines[t] + words[((3 * t) + 5) & 15] + (b ^ c ^ d), 4);
            d = a + BitOperations.RotateLeft(d + sines[t + 1] + words[((3 * t) + 8) & 15] + (a ^ b ^ c), 11);
            c = d + BitOperations.RotateLeft(c + sines[t + 2] + words[((3 * t) + 11) & 15] + (d ^ a ^ b), 16);
            b = c + BitOperations.RotateLeft(b + sines[t + 3] + words[((3 * t) + 14) & 15] + (c ^ d ^ a), 23);
        }

        for (int t = 48; t < 64; t += 4)
        {
            a = b + BitOperations.RotateLeft(a + sines[t] + words[(7 * t) & 15] + (c ^ (b | ~d)), 6);
            d = a + BitOperations.RotateLeft(d + sines[t + 1] + words[((7 * t) + 7) & 15] + (b ^ (a | ~c)), 10);
            c = d + BitOperations.RotateLeft(c + sines[t + 2] + words[((7 * t) + 14) & 15] + (a ^ (d | ~b)), 15);
            b = c + BitOperations.RotateLeft(b + sines[t + 3] + words[((7 * t) + 21) & 15] + (d ^ (c | ~a)), 21);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
