using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>HMAC over states that already hold the key's two pads, so that a message pays for its own blocks. Source: RFC 2104.</summary>
/// <typeparam name="THash">The hash function.</typeparam>
internal static class Hmac<THash>
    where THash : struct, IBlockHash
{
    /// <summary>Bytes of a keyed state: the inner and the outer state, in one line of the cache.</summary>
    public const int StateLength = 2 * IBlockHash.LongestState * sizeof(uint);

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
    /// <param name="second">The rest of it.</param>
    /// <param name="mac">At most as many bytes as the digest has.</param>
    public static void Compute(ReadOnlySpan<byte> keyed, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> mac)
    {
        Span<byte> digest = stackalloc byte[IBlockHash.LongestDigest];
        digest = digest[..(THash.InitialState.Length * sizeof(uint))];
        ReadOnlySpan<uint> states = MemoryMarshal.Cast<byte, uint>(keyed);
        BlockHasher<THash> inner = new(states[..IBlockHash.LongestState], IBlockHash.BlockLength);
        inner.Append(first);
        inner.Append(second);
        inner.Finish(digest);
        BlockHasher<THash> outer = new(states[IBlockHash.LongestState..], IBlockHash.BlockLength);
        outer.Append(digest);
        outer.Finish(mac);
        CryptographicOperations.ZeroMemory(digest);
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
