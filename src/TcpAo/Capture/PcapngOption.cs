using System.Buffers.Binary;

namespace TcpAo.Capture;

/// <summary>The options that end a block (draft-ietf-opsawg-pcapng section 3.5): code (2), length (2), value, padding to 4 bytes.</summary>
internal static class PcapngOption
{
    private const int HeaderLength = 4;

    /// <summary>
    /// Takes the next option off <paramref name="options"/>. False: none is left, or, when bytes are left, the next one runs
    /// past the end. The padding of the last option may be missing.
    /// </summary>
    public static bool TryTake(ref ReadOnlySpan<byte> options, bool bigEndian, out int code, out ReadOnlySpan<byte> value)
    {
        code = 0;
        value = default;
        if (options.Length < HeaderLength)
        {
            return false;
        }

        int length = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(options[2..]) : BinaryPrimitives.ReadUInt16LittleEndian(options[2..]);
        if (length > options.Length - HeaderLength)
        {
            return false;
        }

        code = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(options) : BinaryPrimitives.ReadUInt16LittleEndian(options);
        value = options.Slice(HeaderLength, length);
        options = options[Math.Min(options.Length, HeaderLength + ((length + 3) & ~3))..];
        return true;
    }
}
