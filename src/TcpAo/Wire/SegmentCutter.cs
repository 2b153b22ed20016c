// RFC 9293 section 3.1: a segment made shorter, or two of one. Lengths and checksums follow.
using System.Buffers.Binary;

namespace TcpAo.Wire;

/// <summary>Cuts the payload of a segment. Packets must have parsed, their checksums are computed anew.</summary>
internal static class SegmentCutter
{
    private const int IPv6HeaderLength = 40;
    private const int IPv4ChecksumOffset = 10;
    private const int SequenceOffset = 4;
    private const int FlagsOffset = 13;
    private const int UrgentOffset = 18;

    /// <summary>Leaves the first bytes of the payload only.</summary>
    public static void Truncate(Span<byte> buffer, ref int length, int payload)
    {
        TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        length = packet.PayloadOffset + payload;
        Finish(buffer[..length], packet.TcpOffset, packet.IsIPv6);
    }

    /// <summary>
    /// Makes two segments of one: the first stays at the start of the buffer, the other is put at its very end. PSH and FIN go with the last byte, urgent data
    /// is pointed at from both while it is ahead.
    /// </summary>
    /// <param name="buffer">The packet and the room behind it.</param>
    /// <param name="length">Length of the packet; afterwards that of the first part.</param>
    /// <param name="firstPayload">Bytes of payload that stay with the first part, at least one and not all.</param>
    /// <param name="growRoom">Bytes that must stay free behind the first part.</param>
    /// <returns>Length of the second part; 0 where the buffer has no room for two, and nothing has changed.</returns>
    public static int Split(Span<byte> buffer, ref int length, int firstPayload, int growRoom)
    {
        TcpPacket.TryParse(buffer[..length], out TcpPacket packet);
        bool isIPv6 = packet.IsIPv6;
        int tcpOffset = packet.TcpOffset;
        int headerLength = packet.PayloadOffset;
        int firstLength = headerLength + firstPayload;
        int secondLength = packet.Bytes.Length - firstPayload;
        if (firstLength + growRoom + secondLength > buffer.Length)
        {
            return 0;
        }

        Span<byte> second = buffer[^secondLength..];
        buffer[firstLength..packet.Bytes.Length].CopyTo(second[headerLength..]);
        buffer[..headerLength].CopyTo(second);

        Span<byte> sequence = second[(tcpOffset + SequenceOffset)..];
        BinaryPrimitives.WriteUInt32BigEndian(sequence, BinaryPrimitives.ReadUInt32BigEndian(sequence) + (uint)firstPayload);
        Span<byte> urgent = second[(tcpOffset + UrgentOffset)..];
        int ahead = BinaryPrimitives.ReadUInt16BigEndian(urgent) - firstPayload;
        ref byte secondFlags = ref second[tcpOffset + FlagsOffset];
        if ((secondFlags & (byte)TcpFlags.Urg) != 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(urgent, (ushort)Math.Max(ahead, 0));
            secondFlags &= ahead > 0 ? byte.MaxValue : (byte)~TcpFlags.Urg;
        }

        Finish(second, tcpOffset, isIPv6);
        buffer[tcpOffset + FlagsOffset] &= (byte)~(TcpFlags.Fin | TcpFlags.Psh);
        length = firstLength;
        Finish(buffer[..length], tcpOffset, isIPv6);
        return secondLength;
    }

    private static void Finish(Span<byte> packet, int tcpOffset, bool isIPv6)
    {
        if (isIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - IPv6HeaderLength));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
            BinaryPrimitives.WriteUInt16BigEndian(packet[IPv4ChecksumOffset..], InternetChecksum.ComputeIPv4Header(packet[..tcpOffset]));
        }

        TcpPacketEditor.RewriteTcpChecksum(packet, packet.Length);
    }
}
