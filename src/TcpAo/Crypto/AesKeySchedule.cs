using System.Runtime.Intrinsics;

namespace TcpAo.Crypto;

/// <summary>AES-128's key expansion. Source: FIPS 197 section 5.2.</summary>
internal static class AesKeySchedule
{
    /// <summary>Round keys of AES-128.</summary>
    public const int RoundKeys = 11;

    /// <summary>Bytes of a block, a key and a round key.</summary>
    public const int BlockLength = 16;

    /// <summary>Bytes of all round keys.</summary>
    public const int Length = RoundKeys * BlockLength;

    private static ReadOnlySpan<byte> RoundConstants => [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1B, 0x36];

    /// <summary>Writes the round keys of <paramref name="key"/>. No step depends on the key's value in time or address.</summary>
    /// <param name="key">16 bytes.</param>
    /// <param name="roundKeys">Receives <see cref="Length"/> bytes.</param>
    public static void Expand(ReadOnlySpan<byte> key, Span<byte> roundKeys)
    {
        Vector128<byte> roundKey = Vector128.Create(key);
        roundKey.CopyTo(roundKeys);
        foreach (byte constant in RoundConstants)
        {
            roundKeys = roundKeys[BlockLength..];
            Vector128<byte> rotated = Vector128.Shuffle(roundKey, Vector128.Create((byte)13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12));
            Vector128<byte> word = AesPortable.SubBytes(rotated) ^ Vector128.Create(constant, 0, 0, 0, constant, 0, 0, 0, constant, 0, 0, 0, constant, 0, 0, 0);

            // each word of a round key adds the one before it: a running XOR over the four words
            roundKey ^= Vector128.Shuffle(roundKey, Vector128.Create((byte)16, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
            roundKey ^= Vector128.Shuffle(roundKey, Vector128.Create((byte)16, 16, 16, 16, 16, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7));
            roundKey ^= word;
            roundKey.CopyTo(roundKeys);
        }
    }
}
