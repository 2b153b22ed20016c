using System.Buffers.Binary;
using System.Net;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Wire;
using TcpAo.Wire;

namespace TcpAo.Tests.Support;

/// <summary>A TCP segment as its sender sees it, for building packets.</summary>
internal sealed record TestSegment(SocketPair From, TcpFlags Flags, uint Sequence, uint Acknowledgment = 0)
{
    public byte[] Options { get; init; } = [];

    public byte[] Payload { get; init; } = [];

    public ushort Window { get; init; } = 0x1234;

    public ushort Urgent { get; init; }

    /// <summary>The IP packet, with right checksums.</summary>
    public byte[] ToPacket()
    {
        byte[] tcp = Packets.Segment(Options, Payload, Flags);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, From.LocalPort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(2), From.RemotePort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp.AsSpan(4), Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp.AsSpan(8), Acknowledgment);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(14), Window);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(18), Urgent);
        byte[] packet = From.Remote.IsIPv4 ? Packets.IPv4(tcp) : Packets.IPv6(tcp);
        SetAddresses(packet, From);
        return packet;
    }

    /// <summary>Rewrites addresses and ports, as a NAT does, and repairs the checksums.</summary>
    public static byte[] Rewrite(byte[] packet, SocketPair from)
    {
        byte[] copy = [.. packet];
        SetAddresses(copy, from);
        int tcp = from.Remote.IsIPv4 ? 20 : 40;
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(tcp), from.LocalPort);
        BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(tcp + 2), from.RemotePort);
        Packets.FixChecksums(copy);
        return copy;
    }

    public static SocketPair PairOf(string local, ushort localPort, string remote, ushort remotePort, int vrf = 0) => new(
        IpAddressBits.From(IPAddress.Parse(local)), IpAddressBits.From(IPAddress.Parse(remote)), localPort, remotePort, vrf);

    private static void SetAddresses(byte[] packet, SocketPair from)
    {
        byte[] source = from.Local.ToIPAddress().GetAddressBytes();
        byte[] destination = from.Remote.ToIPAddress().GetAddressBytes();
        int at = source.Length == 4 ? 12 : 8;
        source.CopyTo(packet, at);
        destination.CopyTo(packet, at + source.Length);
        Packets.FixChecksums(packet);
    }
}
