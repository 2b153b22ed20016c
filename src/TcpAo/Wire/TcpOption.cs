// RFC 9293 section 3.1: one option of a TCP header, as it lies there. What is inside an option is not judged here.
namespace TcpAo.Wire;

/// <summary>One option of a TCP header (RFC 9293 section 3.1); a view, void when the buffer changes.</summary>
public readonly ref struct TcpOption
{
    internal TcpOption(int offset, ReadOnlySpan<byte> bytes)
    {
        Offset = offset;
        Bytes = bytes;
    }

    /// <summary>The option's kind (RFC 9293 section 3.2).</summary>
    public TcpOptionKind Kind => Bytes.IsEmpty ? TcpOptionKind.EndOfList : (TcpOptionKind)Bytes[0];

    /// <summary>Where the option begins, counted from the first option byte, which is byte 20 of the TCP header.</summary>
    public int Offset { get; }

    /// <summary>The whole option: kind, length and data; one byte for a NOP (RFC 9293 section 3.2).</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>What follows kind and length; empty for a NOP.</summary>
    public ReadOnlySpan<byte> Data => Bytes.Length > 2 ? Bytes[2..] : default;
}
