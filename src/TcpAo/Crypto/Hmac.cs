using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>HMAC over states that already hold the key's two pads, so that a message pays for its own blocks. Source: RFC 2104.</summary>
/// <typeparam name="THash">The hash function.</typeparam>
internal static class Hmac<THash>
    where THash : struct, IHmacHash
{
    /// <summary>Bytes of a keyed state: the inner and the outer state, in one line of the cache.</summary>
    public const int StateLength = 2 * IBlockHash.LongestState * sizeof(uint);

    // a short message is put together as a whole, padding and all: one call of the hash instead of three
    private const int GatheredLength = 192;
    private const int StateBytes = IBlockHash.LongestState * sizeof(uint);
    private const byte InnerPad = 0x36;
    private const byte OuterPad = 0x5C;

    /// <summary>Runs both pads of <paramref name="key"/> through the hash.</summary>
    /// <param name="key">Any length; longer than a block, its digest is the key.</param>
    /// <param name="keyed">Receives <see cref="StateLength"/> bytes.</param>
    public static void Prepare(ReadOnlySpan<byte> key, Span<byte> keyed)
    {
        Span<byte> pad = stackalloc byte[IBlockHash.BlockLength];
        if (key.Length > pad.Length)
        {
            BlockHasher<THash> hasher = new(THash.InitialState, 0);
            hasher.Append(key);
            hasher.Finish(pad[..(THash.InitialState.Length * sizeof(uint))]);
        }
        else
        {
            key.CopyTo(pad);
        }

        keyed[..StateLength].Clear();
        Xor(pad, InnerPad);
        Start(Inner(keyed), pad);
        Xor(pad, InnerPad ^ OuterPad);
        Start(Outer(keyed), pad);
        CryptographicOperations.ZeroMemory(pad);
    }

    /// <summary>Writes the leading bytes of the HMAC of <paramref name="first"/> followed by <paramref name="second"/>.</summary>
    /// <param name="keyed">Made by <see cref="Prepare"/>.</param>
    /// <param name="first">The message's beginning.</param>
    /// <param name="second">The rest of it; only what straddles a block is copied where the message is long.</param>
    /// <param name="mac">At most as many bytes as the digest has.</param>
    public static void Compute(ReadOnlySpan<byte> keyed, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mac)
    {
        // the state and behind it the blocks that are put together, so that one stroke erases both
        Span<byte> memory = stackalloc byte[StateBytes + GatheredLength];
        Span<uint> state = MemoryMarshal.Cast<byte, uint>(memory)[..IBlockHash.LongestState];
        Span<byte> blocks = memory[StateBytes..];
        keyed[..StateBytes].CopyTo(memory);
        ulong length = IBlockHash.BlockLength + (ulong)first.Length + (ulong)second.Length;
        if (first.Length + (long)second.Length > GatheredLength - HashPadding.LeastLength)
        {
            EatWholeBlocks(state, blocks, ref first, ref second);
        }

        first.CopyTo(blocks);
        second.CopyTo(blocks[first.Length..]);
        THash.Compress(state, HashPadding.Pad<THash>(blocks, first.Length + second.Length, length));

        // the outer hash has one block: the inner digest, padded
        THash.WriteDigestBlock(state, blocks);
        keyed.Slice(StateBytes, StateBytes).CopyTo(memory);
        THash.Compress(state, blocks[..IBlockHash.BlockLength]);
        THash.WriteDigestBlock(state, blocks);
        blocks[..mac.Length].CopyTo(mac);
        CryptographicOperations.ZeroMemory(memory[..(2 * StateBytes)]);
    }

    /// <summary>Eats the message but for its last incomplete block.</summary>
    private static void EatWholeBlocks(scoped Span<uint> state, scoped Span<byte> blocks, ref ReadOnlySpan<byte> first, ref ReadOnlySpan<byte> second)
    {
        if (first.Length > GatheredLength - IBlockHash.BlockLength)
        {
            int direct = first.Length & -IBlockHash.BlockLength;
            THash.Compress(state, first[..direct]);
            first = first[direct..];
        }

        int fill = -first.Length & (IBlockHash.BlockLength - 1);
        if (fill <= second.Length)
        {
            first.CopyTo(blocks);
            second[..fill].CopyTo(blocks[first.Length..]);
            THash.Compress(state, blocks[..(first.Length + fill)]);
            first = default;
            second = second[fill..];
            int whole = second.Length & -IBlockHash.BlockLength;
            THash.Compress(state, second[..whole]);
            second = second[whole..];
        }
    }

    private static Span<uint> Inner(Span<byte> keyed) => MemoryMarshal.Cast<byte, uint>(keyed)[..IBlockHash.LongestState];

    private static Span<uint> Outer(Span<byte> keyed) => MemoryMarshal.Cast<byte, uint>(keyed)[IBlockHash.LongestState..];

    private static void Start(Span<uint> state, ReadOnlySpan<byte> pad)
    {
        THash.InitialState.CopyTo(state);
        THash.Compress(state, pad);
    }

    private static void Xor(Span<byte> block, byte pad)
    {
        for (int i = 0; i < block.Length; i++)
        {
            block[i] ^= pad;
        }
    }
}
