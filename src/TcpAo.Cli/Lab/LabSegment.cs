using System.Net;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab;

/// <summary>A TCP segment that was seen on the link.</summary>
internal sealed record LabSegment(byte[] Frame, bool IsFromA, IPAddress Source, ushort SourcePort, ushort DestinationPort, uint Sequence, uint Acknowledgment, TcpFlags Flags, int Payload, uint Length, bool HasAo, byte KeyId)
{
    public const int EthernetLength = 14;

    /// <summary>The sequence number behind the segment.</summary>
    public uint End => Sequence + Length;

    public bool HasPort(int port) => SourcePort == port || DestinationPort == port;

    public bool HasPorts(int one, int other) => (SourcePort == one && DestinationPort == other) || (SourcePort == other && DestinationPort == one);

    public bool Is(TcpFlags flags) => (Flags & flags) == flags;

    public static LabSegment? TryRead(ReadOnlySpan<byte> frame, bool isFromA)
    {
        if (frame.Length <= EthernetLength || TcpPacket.TryParse(frame[EthernetLength..], out TcpPacket packet) != DropReason.None)
        {
            return null;
        }

        return new LabSegment(
            frame.ToArray(), isFromA, new IPAddress(packet.SourceAddress), packet.SourcePort, packet.DestinationPort, packet.Sequence, packet.Acknowledgment, packet.Flags,
            packet.Payload.Length, packet.SegmentSequenceLength, packet.HasAo, packet.KeyId);
    }
}
