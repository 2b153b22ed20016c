// RFC 5925 section 5.1: what a MAC is computed over, in this order.
//
//   +-----+---------------+--------------------------------------+---------+
//   | SNE | pseudo-header | TCP header                           | data    |
//   |  4  |  12 or 40     | 20 + all options, or 20 + TCP-AO     |         |
//   +-----+---------------+--------------------------------------+---------+
//     checksum and MAC count as zero; the lengths are those of the segment as sent
//
// TCP MD5 (RFC 2385 section 2.0): no SNE, no options, and the key behind the data.

using System.Buffers.Binary;
using TcpAo.Wire;

namespace TcpAo.Crypto;

/// <summary>Gathers everything before the data of a MAC's input (RFC 5925 section 5.1, RFC 2385 section 2.0).</summary>
internal static class MacInput
{
    /// <summary>Bytes of the longest result: SNE, IPv6 pseudo-header, a full TCP header.</summary>
    public const int MaxLength = 4 + 40 + 60;

    private const int TcpHeaderBase = 20;
    private const int ChecksumOffset = 16;
    private const int AoFixedLength = 4;
    private const byte ProtocolTcp = 6;

    /// <summary>Writes the input of a TCP-AO MAC up to the data and returns its length.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="packet">A packet with one TCP-AO option.</param>
    /// <param name="flow">Its direction, with the sides that a NAT hides.</param>
    /// <param name="sne">The sequence number extension of its sequence number.</param>
    /// <param name="includeTcpOptions">Whether the other options count .</param>
    public static int WriteAo(Span<byte> destination, in TcpPacket packet, in SegmentFlow flow, uint sne, bool includeTcpOptions)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, sne);
        int at = 4 + WritePseudoHeader(destination[4..], packet, flow);
        Span<byte> header = destination[at..];
        WriteBaseHeader(header, packet, flow);
        if (includeTcpOptions)
        {
            packet.Options.CopyTo(header[TcpHeaderBase..]);
            header.Slice(packet.AoOffset + AoFixedLength, packet.MacLength).Clear();
            return at + packet.TcpHeaderLength;
        }

        packet.TcpHeader.Slice(packet.AoOffset, AoFixedLength).CopyTo(header[TcpHeaderBase..]);
        header.Slice(TcpHeaderBase + AoFixedLength, packet.MacLength).Clear();
        return at + TcpHeaderBase + packet.AoLength;
    }

    /// <summary>Writes the input of a TCP MD5 digest up to the data and returns its length.</summary>
    public static int WriteMd5(Span<byte> destination, in TcpPacket packet, in SegmentFlow flow)
    {
        int at = WritePseudoHeader(destination, packet, flow);
        WriteBaseHeader(destination[at..], packet, flow);
        return at + TcpHeaderBase;
    }

    private static int WritePseudoHeader(Span<byte> destination, in TcpPacket packet, in SegmentFlow flow)
    {
        int at = KdfContext.WriteAddress(destination, flow.Source, flow.IsIPv4);
        at += KdfContext.WriteAddress(destination[at..], flow.Destination, flow.IsIPv4);
        Span<byte> rest = destination[at..];
        if (flow.IsIPv4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, ProtocolTcp);
            BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)packet.SegmentLength);
            return at + 4;
        }

        BinaryPrimitives.WriteUInt32BigEndian(rest, (uint)packet.SegmentLength);
        BinaryPrimitives.WriteUInt32BigEndian(rest[4..], ProtocolTcp);
        return at + 8;
    }

    private static void WriteBaseHeader(Span<byte> destination, in TcpPacket packet, in SegmentFlow flow)
    {
        packet.TcpHeader[..TcpHeaderBase].CopyTo(destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination, flow.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], flow.DestinationPort);
        destination.Slice(ChecksumOffset, 2).Clear();
    }
}
