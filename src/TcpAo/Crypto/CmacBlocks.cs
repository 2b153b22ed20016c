using System.Runtime.Intrinsics;

namespace TcpAo.Crypto;

/// <summary>What AES-128-CMAC is beside its cipher: the keyed state of 11 round keys and the 2 subkeys, and the last block. Source: RFC 4493.</summary>
internal static class CmacBlocks
{
    /// <summary>Bytes of a keyed state.</summary>
    public const int StateLength = AesKeySchedule.Length + (2 * BlockLength);

    /// <summary>Where the subkey of a whole last block stands.</summary>
    public const int Subkey1 = AesKeySchedule.Length;

    /// <summary>Where the subkey of an incomplete last block stands.</summary>
    public const int Subkey2 = Subkey1 + BlockLength;

    private const int BlockLength = AesKeySchedule.BlockLength;

    /// <summary>Bytes in whole blocks before the last one, which is never chained with the others.</summary>
    public static int BlocksBeforeLast(int length) => Math.Max(length - 1, 0) & -BlockLength;

    /// <summary>Pads the last block where it is not whole, and XORs it with its subkey.</summary>
    /// <param name="keyed">The keyed state.</param>
    /// <param name="block">16 bytes.</param>
    /// <param name="length">How many of them are message.</param>
    public static void FinishLastBlock(ReadOnlySpan<byte> keyed, Span<byte> block, int length)
    {
        bool isWhole = length == BlockLength;
        if (!isWhole)
        {
            block[length] = 0x80;
            block[(length + 1)..].Clear();
        }

        (Vector128.Create(block) ^ Vector128.Create(keyed.Slice(isWhole ? Subkey1 : Subkey2, BlockLength))).CopyTo(block);
    }
}
