// RFC 791 section 3.1 and RFC 9293 section 3.1: just enough of IPv4 and TCP to have something to sign.

using System.Buffers.Binary;
using TcpAo.Connections;
using TcpAo.Wire;

namespace SignASegment;

/// <summary>Builds the packets that a TCP stack without TCP-AO would send.</summary>
internal static class PacketBuilder
{
    private const int IPv4HeaderLength = 20;
    private const int TcpHeaderLength = 20;

    /// <summary>Writes a packet without options to the start of <paramref name="buffer"/>, checksums included.</summary>
    /// <returns>Bytes of the packet.</returns>
    public static int Write(Span<byte> buffer, in SocketPair pair, TcpFlags flags, uint sequence, uint acknowledgment, ReadOnlySpan<byte> payload)
    {
        // a SYN says how large segments may be
        ReadOnlySpan<byte> options = (flags & TcpFlags.Syn) != TcpFlags.None ? [2, 4, 0x05, 0xB4] : [];
        int headerLength = TcpHeaderLength + options.Length;
        int length = IPv4HeaderLength + headerLength + payload.Length;
        Span<byte> ip = buffer[..length];
        ip.Clear();

        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)length);
        ip[8] = 64;
        ip[9] = 6;
        pair.Local.ToIPAddress().TryWriteBytes(ip[12..], out _);
        pair.Remote.ToIPAddress().TryWriteBytes(ip[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.ComputeIPv4Header(ip[..IPv4HeaderLength]));

        Span<byte> tcp = ip[IPv4HeaderLength..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, pair.LocalPort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], pair.RemotePort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acknowledgment);
        tcp[12] = (byte)(headerLength / 4 << 4);
        tcp[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 65535);
        options.CopyTo(tcp[TcpHeaderLength..]);
        payload.CopyTo(tcp[headerLength..]);
        TcpPacket.TryParse(ip, out TcpPacket packet);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], InternetChecksum.ComputeTcp(packet));
        return length;
    }
}
