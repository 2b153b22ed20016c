using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace TcpAo.Crypto;

/// <summary>
/// KMAC256 up to one block of output, fed piece by piece. Source: NIST SP 800-185 sections 2.3, 3.3 and 4.3.
/// </summary>
internal struct KmacSponge
{
    /// <summary>Bytes of the state after the constant blocks and the key.</summary>
    public const int StateLength = Keccak.Lanes * sizeof(ulong);

    /// <summary>Bytes that a block takes in.</summary>
    private const int Rate = 136;

    private StateLanes _lanes;
    private int _position;

    /// <summary>Goes on from a state that <see cref="Save"/> wrote.</summary>
    public KmacSponge(ReadOnlySpan<byte> keyed) => MemoryMarshal.Cast<byte, ulong>(keyed)[..Keccak.Lanes].CopyTo(_lanes);

    /// <summary>Starts: bytepad(encode("KMAC") | encode(customization)) | bytepad(encode(key)), before any message.</summary>
    /// <param name="key">Fewer than 8192 bytes.</param>
    /// <param name="customization">Fewer than 32 bytes.</param>
    public KmacSponge(ReadOnlySpan<byte> key, ReadOnlySpan<byte> customization)
    {
        AppendEncoded(Rate);
        AppendString("KMAC"u8);
        AppendString(customization);
        FillBlock();
        AppendEncoded(Rate);
        AppendString(key);
        FillBlock();
    }

    [UnscopedRef]
    private Span<ulong> Lanes => _lanes;

    /// <summary>Writes the state at the end of a block, <see cref="StateLength"/> bytes.</summary>
    public void Save(Span<byte> keyed) => Lanes.CopyTo(MemoryMarshal.Cast<byte, ulong>(keyed));

    /// <summary>Adds the next piece.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            if (_position % sizeof(ulong) == 0 && piece.Length >= sizeof(ulong))
            {
                piece = AppendLanes(piece);
            }
            else
            {
                AppendByte(piece[0]);
                piece = piece[1..];
            }
        }
    }

    /// <summary>Ends the message, writes the output, and erases the state.</summary>
    /// <param name="outputLength">Bytes of output that go into the computation, fewer than 8192.</param>
    /// <param name="output">Receives the leading bytes, at most <paramref name="outputLength"/>.</param>
    public void Finish(int outputLength, Span<byte> output)
    {
        // right_encode, then the padding of cSHAKE
        int bits = outputLength * 8;
        if (bits > byte.MaxValue)
        {
            AppendByte((byte)(bits >> 8));
            AppendByte((byte)bits);
            AppendByte(2);
        }
        else
        {
            AppendByte((byte)bits);
            AppendByte(1);
        }

        Span<ulong> lanes = Lanes;
        lanes[_position / sizeof(ulong)] ^= 0x04ul << (_position % sizeof(ulong) * 8);
        lanes[(Rate / sizeof(ulong)) - 1] ^= 0x80ul << 56;
        Keccak.Permute(lanes);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(lanes, lanes);
        }

        MemoryMarshal.AsBytes(lanes)[..output.Length].CopyTo(output);
        Clear();
    }

    /// <summary>Erases the state.</summary>
    public void Clear() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Lanes));

    /// <summary>Adds whole lanes up to the end of the block and returns what is left of the piece.</summary>
    private ReadOnlySpan<byte> AppendLanes(ReadOnlySpan<byte> piece)
    {
        Span<ulong> lanes = Lanes[(_position / sizeof(ulong))..(Rate / sizeof(ulong))];
        int count = Math.Min(lanes.Length, piece.Length / sizeof(ulong));
        for (int i = 0; i < count; i++)
        {
            lanes[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(piece);
            piece = piece[sizeof(ulong)..];
        }

        Advance(count * sizeof(ulong));
        return piece;
    }

    private void AppendByte(byte value)
    {
        Lanes[_position / sizeof(ulong)] ^= (ulong)value << (_position % sizeof(ulong) * 8);
        Advance(1);
    }

    private void Advance(int bytes)
    {
        _position += bytes;
        if (_position == Rate)
        {
            FillBlock();
        }
    }

    /// <summary>Pads the block with zeros, unless it is empty.</summary>
    private void FillBlock()
    {
        if (_position > 0)
        {
            Keccak.Permute(Lanes);
            _position = 0;
        }
    }

    /// <summary>encode_string: the length in bits, then the bytes.</summary>
    private void AppendString(ReadOnlySpan<byte> bytes)
    {
        AppendEncoded(bytes.Length * 8);
        Append(bytes);
    }

    /// <summary>left_encode of a number below 65536.</summary>
    private void AppendEncoded(int number)
    {
        if (number > byte.MaxValue)
        {
            AppendByte(2);
            AppendByte((byte)(number >> 8));
        }
        else
        {
            AppendByte(1);
        }

        AppendByte((byte)number);
    }

    [InlineArray(Keccak.Lanes)]
    private struct StateLanes
    {
        private ulong _first;
    }
}
