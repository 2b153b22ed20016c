using System.Buffers.Binary;
using System.Security.Cryptography;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Attacks;

/// <summary>Makes up IPv4 frames that look as if an end of a connection had sent them. The pattern is a segment that it has sent.</summary>
internal static class Forge
{
    private const int Ethernet = LabSegment.EthernetLength;
    private const int IPv4Length = 20;
    private const int TcpLength = 20;
    private const byte IcmpProtocol = 1;

    /// <summary>A segment; its checksums are right.</summary>
    public static byte[] Segment(LabSegment pattern, TcpFlags flags, uint sequence, uint acknowledgment, ReadOnlySpan<byte> payload = default, ReadOnlySpan<byte> options = default, ushort? sourcePort = null)
    {
        byte[] frame = new byte[Ethernet + IPv4Length + TcpLength + options.Length + payload.Length];
        Span<byte> packet = WriteHeaders(frame, pattern.Frame, protocol: 6);
        Span<byte> tcp = packet[IPv4Length..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, sourcePort ?? pattern.SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], pattern.DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acknowledgment);
        tcp[12] = (byte)((TcpLength + options.Length) / 4 << 4);
        tcp[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 0x1000);
        options.CopyTo(tcp[TcpLength..]);
        payload.CopyTo(tcp[(TcpLength + options.Length)..]);
        TcpPacketEditor.RewriteTcpChecksum(packet, packet.Length);
        return frame;
    }

    /// <summary>A TCP-AO option with the ids of the pattern and a MAC that is a guess.</summary>
    public static byte[] GuessedOption(LabSegment pattern)
    {
        const int MacLength = 12;
        TcpPacket.TryParse(pattern.Frame.AsSpan(Ethernet), out TcpPacket packet);
        return [(byte)TcpOptionKind.TcpAo, 4 + MacLength, packet.KeyId, packet.RNextKeyId, .. RandomNumberGenerator.GetBytes(MacLength)];
    }

    /// <summary>An ICMP error from the other end, "port unreachable" (a hard error), that quotes a segment of the victim.</summary>
    /// <param name="pattern">A segment from the other end.</param>
    /// <param name="quoted">The segment of the victim.</param>
    public static byte[] PortUnreachable(LabSegment pattern, LabSegment quoted)
    {
        const int Quote = 28;
        byte[] frame = new byte[Ethernet + IPv4Length + 8 + Quote];
        Span<byte> icmp = WriteHeaders(frame, pattern.Frame, IcmpProtocol)[IPv4Length..];
        icmp[0] = 3;
        icmp[1] = 3;
        quoted.Frame.AsSpan(Ethernet, Quote).CopyTo(icmp[8..]);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], InternetChecksum.Compute(icmp));
        return frame;
    }

    /// <summary>Link addresses and IP addresses of the pattern.</summary>
    private static Span<byte> WriteHeaders(byte[] frame, byte[] pattern, byte protocol)
    {
        pattern.AsSpan(0, Ethernet + IPv4Length).CopyTo(frame);
        Span<byte> packet = frame.AsSpan(Ethernet);
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[9] = protocol;
        packet[10..12].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], InternetChecksum.Compute(packet[..IPv4Length]));
        return packet;
    }
}
