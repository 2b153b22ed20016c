using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>AES-128-CMAC over a keyed state: 11 round keys and the 2 subkeys. Source: RFC 4493.</summary>
/// <typeparam name="TAes">The cipher.</typeparam>
internal static class Cmac<TAes>
    where TAes : struct, IAes128
{
    /// <summary>Bytes of a keyed state.</summary>
    public const int StateLength = AesKeySchedule.Length + (2 * AesKeySchedule.BlockLength);

    private const int BlockLength = AesKeySchedule.BlockLength;
    private const int Subkey1 = AesKeySchedule.Length;
    private const int Subkey2 = Subkey1 + BlockLength;

    /// <summary>Writes the keyed state of <paramref name="key"/>, 16 bytes.</summary>
    public static void Prepare(ReadOnlySpan<byte> key, Span<byte> keyed)
    {
        AesKeySchedule.Expand(key, keyed);
        Span<byte> subkey = keyed.Slice(Subkey1, BlockLength);
        subkey.Clear();
        TAes.Chain(keyed, Vector128<byte>.Zero, subkey).CopyTo(subkey);
        Double(subkey, subkey);
        Double(subkey, keyed.Slice(Subkey2, BlockLength));
    }

    /// <summary>Writes the leading bytes of the CMAC of <paramref name="first"/> followed by <paramref name="second"/>.</summary>
    /// <param name="keyed">Made by <see cref="Prepare"/>.</param>
    /// <param name="first">The message's beginning.</param>
    /// <param name="second">The rest of it.</param>
    /// <param name="mac">At most 16 bytes.</param>
    public static void Compute(ReadOnlySpan<byte> keyed, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mac)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        Vector128<byte> state = Vector128<byte>.Zero;

        // the last block, whole or not, is never chained with the others: it is XORed with a subkey first
        int whole = BlocksBeforeLast(first.Length, keepLast: second.IsEmpty);
        state = TAes.Chain(keyed, state, first[..whole]);
        first = first[whole..];
        if (first.Length + (long)second.Length > BlockLength && !first.IsEmpty)
        {
            int missing = BlockLength - first.Length;
            first.CopyTo(block);
            second[..missing].CopyTo(block[first.Length..]);
            state = TAes.Chain(keyed, state, block);
            first = default;
            second = second[missing..];
        }

        whole = first.IsEmpty ? BlocksBeforeLast(second.Length, keepLast: true) : 0;
        state = TAes.Chain(keyed, state, second[..whole]);
        second = second[whole..];

        int length = first.Length + second.Length;
        block.Clear();
        first.CopyTo(block);
        second.CopyTo(block[first.Length..]);
        if (length < BlockLength)
        {
            block[length] = 0x80;
        }

        Vector128<byte> subkey = Vector128.Create(keyed.Slice(length < BlockLength ? Subkey2 : Subkey1, BlockLength));
        TAes.Chain(keyed, state ^ subkey, block).CopyTo(block);
        block[..mac.Length].CopyTo(mac);
        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>Bytes in whole blocks, without the last one if it is the message's last.</summary>
    private static int BlocksBeforeLast(int length, bool keepLast) => (keepLast ? Math.Max(length - 1, 0) : length) & -BlockLength;

    /// <summary>Multiplies by x in GF(2^128), without a branch on the key.</summary>
    private static void Double(ReadOnlySpan<byte> value, Span<byte> doubled)
    {
        UInt128 number = BinaryPrimitives.ReadUInt128BigEndian(value);
        UInt128 overflow = (UInt128.Zero - (number >> 127)) & 0x87;
        BinaryPrimitives.WriteUInt128BigEndian(doubled, (number << 1) ^ overflow);
    }
}
