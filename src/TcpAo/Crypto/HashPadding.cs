using System.Buffers.Binary;

namespace TcpAo.Crypto;

/// <summary>What a hash puts behind the last byte of a message. Source: FIPS 180-4 section 5.1.1, RFC 1321 sections 3.1 and 3.2.</summary>
internal static class HashPadding
{
    /// <summary>Bytes of the shortest padding: a one bit and the length.</summary>
    public const int LeastLength = 1 + sizeof(ulong);

    /// <summary>Pads a message in place.</summary>
    /// <typeparam name="THash">Tells the order of bytes.</typeparam>
    /// <param name="blocks">The message's last bytes, with room for the padding.</param>
    /// <param name="used">How many they are.</param>
    /// <param name="length">Bytes of the whole message.</param>
    /// <returns>The padded blocks.</returns>
    public static ReadOnlySpan<byte> Pad<THash>(Span<byte> blocks, int used, ulong length)
        where THash : struct, IBlockHash
    {
        blocks = blocks[..((used + LeastLength + IBlockHash.BlockLength - 1) & -IBlockHash.BlockLength)];
        blocks[used] = 0x80;
        blocks[(used + 1)..].Clear();
        if (THash.IsBigEndian)
        {
            BinaryPrimitives.WriteUInt64BigEndian(blocks[^sizeof(ulong)..], length * 8);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(blocks[^sizeof(ulong)..], length * 8);
        }

        return blocks;
    }
}
