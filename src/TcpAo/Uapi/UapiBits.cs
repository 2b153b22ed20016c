using System.Buffers.Binary;
using System.Text;

namespace TcpAo.Uapi;

/// <summary>Bit-fields and names in Linux' structures. The first bit-field is the lowest bit.</summary>
internal static class UapiBits
{
    public static bool Get32(ReadOnlySpan<byte> field, int bit) => ((BinaryPrimitives.ReadUInt32LittleEndian(field) >> bit) & 1) != 0;

    public static void Set32(Span<byte> field, int bit, bool value)
    {
        uint others = BinaryPrimitives.ReadUInt32LittleEndian(field) & ~(1u << bit);
        BinaryPrimitives.WriteUInt32LittleEndian(field, others | ((value ? 1u : 0) << bit));
    }

    public static bool Get16(ReadOnlySpan<byte> field, int bit) => ((BinaryPrimitives.ReadUInt16LittleEndian(field) >> bit) & 1) != 0;

    public static void Set16(Span<byte> field, int bit, bool value)
    {
        uint others = BinaryPrimitives.ReadUInt16LittleEndian(field) & ~(1u << bit);
        BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)(others | ((value ? 1u : 0) << bit)));
    }

    /// <summary>Whether a bit behind the first <paramref name="used"/> ones is set.</summary>
    public static bool Reserved32(ReadOnlySpan<byte> field, int used) => BinaryPrimitives.ReadUInt32LittleEndian(field) >> used != 0;

    /// <inheritdoc cref="Reserved32"/>
    public static bool Reserved16(ReadOnlySpan<byte> field, int used) => BinaryPrimitives.ReadUInt16LittleEndian(field) >> used != 0;

    /// <summary>The name up to its terminator; the last byte counts as one, as Linux forces it to be.</summary>
    public static string ReadName(ReadOnlySpan<byte> field)
    {
        int end = field[..^1].IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field[..^1] : field[..end]);
    }

    public static void WriteName(Span<byte> field, string name)
    {
        if (name.Length >= field.Length)
        {
            throw new ArgumentException($"A name has at most {field.Length - 1} bytes.", nameof(name));
        }

        field.Clear();
        Encoding.Latin1.GetBytes(name, field);
    }
}
