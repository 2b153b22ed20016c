using System.Buffers.Binary;

namespace TcpAo.Crypto;

/// <summary>The input block that RFC 5926's KDFs put through their PRF. Source: RFC 5926 section 3.1.1 .</summary>
internal static class Rfc5926Kdf
{
    /// <summary>Bytes of the longest block: i, the label, an IPv6 context and the output length.</summary>
    public const int LongestBlock = 1 + 6 + 44 + 2;

    /// <summary>
    /// Writes block 1, the only one that any algorithm needs: no traffic key is longer than its PRF's output.
    /// </summary>
    /// <param name="context">20 or 44 bytes .</param>
    /// <param name="outputLength">Bytes of the traffic key.</param>
    /// <param name="buffer">At least <see cref="LongestBlock"/> bytes.</param>
    /// <returns>The block, in <paramref name="buffer"/>.</returns>
    public static ReadOnlySpan<byte> WriteBlock(ReadOnlySpan<byte> context, int outputLength, Span<byte> buffer)
    {
        ReadOnlySpan<byte> start = "\u0001TCP-AO"u8;
        start.CopyTo(buffer);
        context.CopyTo(buffer[start.Length..]);
        int length = start.Length + context.Length;
        BinaryPrimitives.WriteUInt16BigEndian(buffer[length..], (ushort)(outputLength * 8));
        return buffer[..(length + sizeof(ushort))];
    }
}
