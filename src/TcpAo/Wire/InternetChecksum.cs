// RFC 1071 (the sum), RFC 1624 section 3 equation 3 (its update), RFC 9293 section 3.1 and RFC 8200 section 8.1 (what TCP
// sums), RFC 791 section 3.1 (what IPv4 sums). Partial checksums of offload are not known here.
using System.Buffers.Binary;

namespace TcpAo.Wire;

/// <summary>
/// The Internet checksum (RFC 1071). A sum is the ones' complement sum of the big-endian 16-bit words, a checksum is its
/// complement. No TCP or IPv4 checksum that is computed here is 0xFFFF: their sums are never zero, for the protocol or
/// version is part of them, and 0x0000 says the same to a receiver (RFC 1624 section 3).
/// </summary>
public static class InternetChecksum
{
    private const int IPv4ChecksumOffset = 10;
    private const int TcpChecksumOffset = 16;

    /// <summary>The sum over <paramref name="data"/>, a last odd byte padded with zero (RFC 1071 section 1).</summary>
    /// <param name="data">Bytes that begin at an even place of what is summed.</param>
    /// <param name="initial">A sum to begin with.</param>
    public static ushort Sum(ReadOnlySpan<byte> data, ushort initial = 0)
    {
        // RFC 1071 section 2: the order of bytes may be swapped at the end, and words may be as wide as one likes.
        ulong sum = BinaryPrimitives.ReverseEndianness(initial);
        ulong carries = 0;
        while (data.Length >= 32)
        {
            ulong first = BinaryPrimitives.ReadUInt64LittleEndian(data);
            ulong second = BinaryPrimitives.ReadUInt64LittleEndian(data[8..]);
            ulong third = BinaryPrimitives.ReadUInt64LittleEndian(data[16..]);
            ulong fourth = BinaryPrimitives.ReadUInt64LittleEndian(data[24..]);
            sum = AddCarry(sum, first, ref carries);
            sum = AddCarry(sum, second, ref carries);
            sum = AddCarry(sum, third, ref carries);
            sum = AddCarry(sum, fourth, ref carries);
            data = data[32..];
        }

        while (data.Length >= 8)
        {
            sum = AddCarry(sum, BinaryPrimitives.ReadUInt64LittleEndian(data), ref carries);
            data = data[8..];
        }

        ulong tail = 0;
        for (int i = data.Length - 1; i >= 0; i--)
        {
            tail = (tail << 8) | data[i];
        }

        sum = AddCarry(sum, tail, ref carries);
        return BinaryPrimitives.ReverseEndianness(Fold((sum >> 32) + (uint)sum + carries));
    }

    /// <summary>The checksum over <paramref name="data"/>: the complement of its sum (RFC 1071 section 1).</summary>
    public static ushort Compute(ReadOnlySpan<byte> data) => (ushort)~Sum(data);

    /// <summary>The ones' complement sum of two sums or words (RFC 1071 section 1).</summary>
    public static ushort Add(ushort left, ushort right) => Fold((ulong)left + right);

    /// <summary>
    /// The checksum after a 16-bit word changed: HC' = ~(~HC + ~m + m') (RFC 1624 section 3, equation 3). Words may also
    /// be sums of many words. A checksum of 0xFFFF, which some senders write for 0x0000, is taken as 0x0000, so that the
    /// result is what a full computation gives.
    /// </summary>
    /// <param name="checksum">The checksum before; it must be right.</param>
    /// <param name="oldWord">The word, or the sum of the words, that was there.</param>
    /// <param name="newWord">What is there now.</param>
    public static ushort Update(ushort checksum, ushort oldWord, ushort newWord)
    {
        uint sum = checksum == 0xFFFF ? 0xFFFFu : (ushort)~checksum;
        return (ushort)~Fold((ulong)sum + (ushort)~oldWord + newWord);
    }

    /// <summary>
    /// What the checksum field of a segment has to be, from its bytes and its pseudo-header (RFC 9293 section 3.1, RFC
    /// 8200 section 8.1). The packet must have been parsed without refusal and be whole.
    /// </summary>
    /// <returns>The checksum; 0 for a packet whose TCP header was refused.</returns>
    public static ushort ComputeTcp(in TcpPacket packet)
    {
        ReadOnlySpan<byte> header = packet.TcpHeader;
        if (header.IsEmpty)
        {
            return 0;
        }

        ushort sum = SumPseudoHeader(packet);
        sum = Sum(header[..TcpChecksumOffset], sum);
        sum = Sum(packet.Bytes[(packet.TcpOffset + TcpChecksumOffset + 2)..], sum);
        return (ushort)~sum;
    }

    /// <summary>
    /// Whether the checksum field of a segment is right (RFC 9293 section 3.1). False where it cannot be known: the
    /// payload is truncated, or the TCP header was refused.
    /// </summary>
    public static bool VerifyTcp(in TcpPacket packet) =>
        packet.TcpHeaderLength != 0
        && !packet.IsTruncated
        && Sum(packet.Bytes[packet.TcpOffset..], SumPseudoHeader(packet)) == 0xFFFF;

    /// <summary>What the checksum field of an IPv4 header has to be (RFC 791 section 3.1).</summary>
    /// <param name="header">The header with its options, 20 to 60 bytes; the field itself is skipped.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not the length of an IPv4 header.</exception>
    public static ushort ComputeIPv4Header(ReadOnlySpan<byte> header)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(header.Length, 20, nameof(header));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(header.Length, 60, nameof(header));
        return (ushort)~Sum(header[(IPv4ChecksumOffset + 2)..], Sum(header[..IPv4ChecksumOffset]));
    }

    /// <summary>The sum over bytes that begin at an odd or even place: at an odd one its bytes change sides (RFC 1071 section 2B).</summary>
    internal static ushort SumAt(ReadOnlySpan<byte> data, int place)
    {
        ushort sum = Sum(data);
        return (place & 1) == 0 ? sum : BinaryPrimitives.ReverseEndianness(sum);
    }

    private static ushort SumPseudoHeader(in TcpPacket packet)
    {
        ushort sum = Fold(6ul + (uint)packet.SegmentLength);
        sum = Sum(packet.SourceAddress, sum);
        return Sum(packet.DestinationAddress, sum);
    }

    private static ulong AddCarry(ulong sum, ulong word, ref ulong carries)
    {
        sum = unchecked(sum + word);
        carries += sum < word ? 1ul : 0ul;
        return sum;
    }

    private static ushort Fold(ulong sum)
    {
        while (sum > 0xFFFF)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }
}
