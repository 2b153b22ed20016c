using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using TcpAo.Wire;

namespace TcpAo.Linux.Tests.Support;

/// <summary>Packets written by hand, and a raw socket that sends them as they are (raw(7), IPPROTO_RAW).</summary>
internal sealed class PacketForge : IDisposable
{
    private readonly Socket _v4;
    private readonly Socket _v6;

    public PacketForge(Host host)
    {
        _v4 = host.Space.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw) { SendTimeout = Wait.Milliseconds });
        _v6 = host.Space.Run(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.Raw) { SendTimeout = Wait.Milliseconds });
    }

    public void Send(byte[] packet, IPAddress? via = null)
    {
        bool isIPv6 = packet[0] >> 4 == 6;
        IPAddress destination = via ?? new IPAddress(isIPv6 ? packet[24..40] : packet[16..20]);
        (isIPv6 ? _v6 : _v4).SendTo(packet, new IPEndPoint(destination, 0));
    }

    public void Dispose()
    {
        _v4.Dispose();
        _v6.Dispose();
    }

    /// <summary>A segment with options and payload; its checksum is right.</summary>
    public static byte[] Tcp(IPAddress source, IPAddress destination, int sourcePort, int destinationPort, byte[]? payload = null)
    {
        byte[] segment = [.. TcpHeader(sourcePort, destinationPort), .. payload ?? []];
        byte[] packet = Ip(source, destination, 6, segment);
        TcpPacketEditor.RewriteTcpChecksum(packet, packet.Length);
        return packet;
    }

    public static byte[] TcpHeader(int sourcePort, int destinationPort)
    {
        byte[] header = new byte[20];
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)destinationPort);
        header[7] = 1;
        header[12] = 0x50;
        header[13] = 0x02;
        header[14] = 0x10;
        return header;
    }

    public static byte[] Udp(IPAddress source, IPAddress destination, int sourcePort, int destinationPort)
    {
        byte[] header = new byte[8];
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)destinationPort);
        header[5] = 8;
        return Ip(source, destination, 17, header);
    }

    public static byte[] Ip(IPAddress source, IPAddress destination, byte protocol, byte[] body)
    {
        byte[] from = source.GetAddressBytes();
        byte[] to = destination.GetAddressBytes();
        byte[] header = new byte[from.Length == 4 ? 20 : 40];
        if (from.Length == 4)
        {
            header[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(20 + body.Length));
            header[8] = 64;
            header[9] = protocol;
            from.CopyTo(header, 12);
            to.CopyTo(header, 16);
            SetIPv4Checksum(header);
        }
        else
        {
            header[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)body.Length);
            header[6] = protocol;
            header[7] = 64;
            from.CopyTo(header, 8);
            to.CopyTo(header, 24);
        }

        return [.. header, .. body];
    }

    /// <summary>The same packet in fragments with eight bytes of its body each; the first holds no ports' neighbours.</summary>
    public static byte[][] Fragments(byte[] packet, int size)
    {
        bool isIPv6 = packet[0] >> 4 == 6;
        int headerLength = isIPv6 ? 40 : 20;
        byte[] body = packet[headerLength..];
        List<byte[]> fragments = [];
        for (int at = 0; at < body.Length; at += size)
        {
            byte[] part = body[at..Math.Min(at + size, body.Length)];
            bool isLast = at + size >= body.Length;
            byte[] fragment;
            if (isIPv6)
            {
                byte[] extension = [packet[6], 0, (byte)(at >> 8), (byte)(at | (isLast ? 0 : 1)), 0, 0, 0x59, 0x25];
                fragment = [.. packet[..40], .. extension, .. part];
                fragment[6] = 44;
                BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(4), (ushort)(fragment.Length - 40));
            }
            else
            {
                fragment = [.. packet[..20], .. part];
                BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(2), (ushort)fragment.Length);
                BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(4), 0x5925);
                BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(6), (ushort)((at / 8) | (isLast ? 0 : 0x2000)));
                SetIPv4Checksum(fragment);
            }

            fragments.Add(fragment);
        }

        return [.. fragments];
    }

    /// <summary>An ICMP error that quotes a packet.</summary>
    public static byte[] Icmp(IPAddress source, IPAddress destination, byte type, byte code, byte[] quote)
    {
        bool isIPv6 = source.AddressFamily == AddressFamily.InterNetworkV6;
        byte[] body = [type, code, 0, 0, 0, 0, 5, 0, .. quote];
        return Ip(source, destination, isIPv6 ? (byte)58 : (byte)1, body);
    }

    private static void SetIPv4Checksum(Span<byte> header)
    {
        header[10] = 0;
        header[11] = 0;
        uint sum = 0;
        for (int i = 0; i < 20; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(header[i..]);
        }

        sum = (sum & 0xFFFF) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)~(sum + (sum >> 16)));
    }
}
