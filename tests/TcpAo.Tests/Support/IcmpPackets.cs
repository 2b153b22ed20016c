using System.Buffers.Binary;
using TcpAo.Connections;

namespace TcpAo.Tests.Support;

/// <summary>ICMP errors about a segment of ours, as they arrive (RFC 792, RFC 4443).</summary>
internal static class IcmpPackets
{
    /// <summary>An error that quotes the start of a segment of the pair's local end.</summary>
    /// <param name="pair">The connection as the receiver of the error sees it.</param>
    /// <param name="type">ICMP type.</param>
    /// <param name="code">ICMP code.</param>
    /// <param name="quotedTcp">How many bytes of TCP are quoted.</param>
    public static byte[] Error(SocketPair pair, byte type, byte code, int quotedTcp = 8)
    {
        byte[] quoted = new TestSegment(pair, TcpAo.Wire.TcpFlags.Ack, 1, 2).ToPacket();
        int ip = pair.Remote.IsIPv4 ? 20 : 40;
        return Wrap(pair, type, code, quoted.AsSpan(0, ip + quotedTcp));
    }

    public static byte[] Wrap(SocketPair pair, byte type, byte code, ReadOnlySpan<byte> quoted)
    {
        byte[] local = pair.Local.ToIPAddress().GetAddressBytes();
        bool isIPv4 = local.Length == 4;
        byte[] header = new byte[isIPv4 ? 20 : 40];
        byte[] packet = [.. header, type, code, 0, 0, 0, 0, 0, 0, .. quoted];
        if (isIPv4)
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            packet[8] = 64;
            packet[9] = 1;
            local.CopyTo(packet, 16);
        }
        else
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40));
            packet[6] = 58;
            packet[7] = 64;
            local.CopyTo(packet, 24);
        }

        packet[isIPv4 ? 12 : 8] = 203; // some router
        return packet;
    }

    /// <summary>A "too big" error with another MTU in it.</summary>
    public static byte[] WithMtu(byte[] packet, uint mtu)
    {
        if (packet[0] >> 4 == 6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(44), mtu);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(26), (ushort)mtu);
        }

        return packet;
    }
}
