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
    public const int StateLength = CmacBlocks.StateLength;

    private const int BlockLength = AesKeySchedule.BlockLength;

    // a short message is put together as a whole: one chain instead of four
    private const int GatheredLength = 192;

    /// <summary>Writes the keyed state of <paramref name="key"/>, 16 bytes.</summary>
    public static void Prepare(ReadOnlySpan<byte> key, Span<byte> keyed)
    {
        AesKeySchedule.Expand(key, keyed);
        Span<byte> subkey = keyed.Slice(CmacBlocks.Subkey1, BlockLength);
        subkey.Clear();
        TAes.Chain(keyed, Vector128<byte>.Zero, subkey).CopyTo(subkey);
        Double(subkey, subkey);
        Double(subkey, keyed.Slice(CmacBlocks.Subkey2, BlockLength));
    }

    /// <summary>Writes the leading bytes of the CMAC of <paramref name="first"/> followed by <paramref name="second"/>.</summary>
    /// <param name="keyed">Made by <see cref="Prepare"/>.</param>
    /// <param name="first">The message's beginning.</param>
    /// <param name="second">The rest of it.</param>
    /// <param name="mac">At most 16 bytes.</param>
    public static void Compute(ReadOnlySpan<byte> keyed, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mac)
    {
        Span<byte> blocks = stackalloc byte[GatheredLength];
        Vector128<byte> state = Vector128<byte>.Zero;
        if (first.Length + (long)second.Length > GatheredLength)
        {
            state = EatWholeBlocks(keyed, blocks, ref first, ref second);
        }

        first.CopyTo(blocks);
        second.CopyTo(blocks[first.Length..]);

        int length = first.Length + second.Length;
        int start = CmacBlocks.BlocksBeforeLast(length);
        Span<byte> last = blocks.Slice(start, BlockLength);
        CmacBlocks.FinishLastBlock(keyed, last, length - start);
        TAes.Chain(keyed, state, blocks[..(start + BlockLength)]).CopyTo(last);
        last[..mac.Length].CopyTo(mac);
        CryptographicOperations.ZeroMemory(last);
    }

    /// <summary>Chains the message but for its last blocks, of which none may be missing.</summary>
    private static Vector128<byte> EatWholeBlocks(scoped ReadOnlySpan<byte> keyed, scoped Span<byte> blocks, ref ReadOnlySpan<byte> first, ref ReadOnlySpan<byte> second)
    {
        Vector128<byte> state = Vector128<byte>.Zero;
        if (first.Length > GatheredLength - BlockLength)
        {
            int direct = CmacBlocks.BlocksBeforeLast(first.Length);
            state = TAes.Chain(keyed, state, first[..direct]);
            first = first[direct..];
        }

        int fill = -first.Length & (BlockLength - 1);
        if (fill < second.Length)
        {
            first.CopyTo(blocks);
            second[..fill].CopyTo(blocks[first.Length..]);
            state = TAes.Chain(keyed, state, blocks[..(first.Length + fill)]);
            first = default;
            second = second[fill..];
            int whole = CmacBlocks.BlocksBeforeLast(second.Length);
            state = TAes.Chain(keyed, state, second[..whole]);
            second = second[whole..];
        }

        return state;
    }

    /// <summary>Multiplies by x in GF(2^128), without a branch on the key.</summary>
    private static void Double(ReadOnlySpan<byte> value, Span<byte> doubled)
    {
        UInt128 number = BinaryPrimitives.ReadUInt128BigEndian(value);
        UInt128 overflow = (UInt128.Zero - (number >> 127)) & 0x87;
        BinaryPrimitives.WriteUInt128BigEndian(doubled, (number << 1) ^ overflow);
    }
}
