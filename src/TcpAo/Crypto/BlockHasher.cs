using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>
/// Hashes pieces one after the other where they lie: only a block that straddles two pieces, and the last one, is copied.
/// </summary>
/// <typeparam name="THash">The hash function.</typeparam>
internal struct BlockHasher<THash>
    where THash : struct, IBlockHash
{
    private StateWords _state;
    private BlockBytes _block;
    private ulong _length;

    /// <summary>Starts from a state that earlier blocks led to.</summary>
    /// <param name="state">As many words as the hash has, or more.</param>
    /// <param name="length">Bytes that led there, whole blocks.</param>
    public BlockHasher(ReadOnlySpan<uint> state, ulong length)
    {
        state[..THash.InitialState.Length].CopyTo(_state);
        _length = length;
    }

    [UnscopedRef]
    private Span<uint> State => _state;

    [UnscopedRef]
    private Span<byte> Block => _block;

    /// <summary>Adds the next piece.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        int buffered = (int)(_length % IBlockHash.BlockLength);
        _length += (ulong)piece.Length;
        if (buffered > 0)
        {
            int missing = IBlockHash.BlockLength - buffered;
            if (piece.Length < missing)
            {
                piece.CopyTo(Block[buffered..]);
                return;
            }

            piece[..missing].CopyTo(Block[buffered..]);
            THash.Compress(State, Block);
            piece = piece[missing..];
        }

        int whole = piece.Length & -IBlockHash.BlockLength;
        if (whole > 0)
        {
            THash.Compress(State, piece[..whole]);
        }

        piece[whole..].CopyTo(Block);
    }

    /// <summary>Pads, writes the leading bytes of the digest, and erases everything it held.</summary>
    /// <param name="digest">As many bytes as are wanted, at most those of the digest.</param>
    public void Finish(Span<byte> digest)
    {
        Span<byte> block = Block;
        int buffered = (int)(_length % IBlockHash.BlockLength);
        block[buffered] = 0x80;
        block[(buffered + 1)..].Clear();
        if (buffered >= IBlockHash.BlockLength - sizeof(ulong))
        {
            THash.Compress(State, block);
            block.Clear();
        }

        Span<byte> bits = block[^sizeof(ulong)..];
        if (THash.IsBigEndian)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bits, _length * 8);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bits, _length * 8);
        }

        THash.Compress(State, block);
        if (THash.IsBigEndian == BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(State, State);
        }

        MemoryMarshal.AsBytes(State)[..digest.Length].CopyTo(digest);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(State));
        CryptographicOperations.ZeroMemory(block);
    }

    [InlineArray(IBlockHash.LongestState)]
    private struct StateWords
    {
        private uint _first;
    }

    [InlineArray(IBlockHash.BlockLength)]
    private struct BlockBytes
    {
        private byte _first;
    }
}
