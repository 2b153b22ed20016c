using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Crypto;

/// <summary>
/// Source and destination of a segment as KDF and MAC see them. Where a NAT hides a side (RFC 6978), its address and port are
/// zero, so the family is held apart.
/// </summary>
internal readonly record struct SegmentFlow(
    IpAddressBits Source,
    IpAddressBits Destination,
    ushort SourcePort,
    ushort DestinationPort,
    bool IsIPv4)
{
    /// <summary>The other direction.</summary>
    public SegmentFlow Reversed => new(Destination, Source, DestinationPort, SourcePort, IsIPv4);

    /// <summary>From us to the peer.</summary>
    public static SegmentFlow Outbound(in SocketPair pair, NatSides nat) =>
        new SegmentFlow(pair.Local, pair.Remote, pair.LocalPort, pair.RemotePort, pair.Remote.IsIPv4)
            .Hide((nat & NatSides.Local) != NatSides.None, (nat & NatSides.Remote) != NatSides.None);

    /// <summary>From the peer to us.</summary>
    public static SegmentFlow Inbound(in SocketPair pair, NatSides nat) => Outbound(pair, nat).Reversed;

    /// <summary>The same with the given sides hidden.</summary>
    public SegmentFlow Hide(bool source, bool destination) => new(
        source ? default : Source,
        destination ? default : Destination,
        source ? (ushort)0 : SourcePort,
        destination ? (ushort)0 : DestinationPort,
        IsIPv4);
}
