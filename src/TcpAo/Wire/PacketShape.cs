namespace TcpAo.Wire;

/// <summary>Where things are in a packet that was read whole and without a refusal: <see cref="TcpPacket"/> without its bytes, to be kept.</summary>
/// <param name="Length">Bytes of the packet.</param>
/// <param name="IsIPv6">Its version.</param>
/// <param name="TcpOffset">Start of the TCP header.</param>
/// <param name="TcpHeaderLength">Length of the TCP header.</param>
/// <param name="SegmentLength">TCP header and payload.</param>
/// <param name="AoOffset">Start of TCP-AO in the TCP header; 0 without it.</param>
/// <param name="AoLength">Its length.</param>
/// <param name="Md5Offset">Start of TCP MD5 in the TCP header; 0 without it.</param>
internal readonly record struct PacketShape(
    int Length, bool IsIPv6, int TcpOffset, int TcpHeaderLength, int SegmentLength, int AoOffset, int AoLength, int Md5Offset);
