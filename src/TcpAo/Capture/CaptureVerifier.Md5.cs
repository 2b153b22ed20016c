// TCP MD5 (RFC 2385) in captures: no ids and no ISNs, so any key of a tcp-md5 chain may be the right one.

using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Capture;

public sealed partial class CaptureVerifier
{
    /// <summary>Judges a TCP MD5 segment; null where none is there or no key of that kind is configured for it.</summary>
    private Judgement? JudgeMd5(in Segment segment, CapturedConnection connection)
    {
        if (!segment.Packet.HasMd5)
        {
            return null;
        }

        AoKey? first = null;
        foreach (CaptureChain chain in _keys.Chains)
        {
            if (!chain.Keys.Keys.Any(key => key.Algorithm.IsTcpMd5) || !IsChainOf(connection, chain))
            {
                continue;
            }

            foreach (AoKey key in chain.Keys.Keys)
            {
                first ??= key;
                if (!segment.Packet.IsTruncated && VerifiesMd5(segment, key))
                {
                    connection.Md5Chain = chain;
                    return new Judgement(SegmentVerdict.Valid, DropReason.None, key);
                }
            }
        }

        if (first is null)
        {
            return null;
        }

        return segment.Packet.IsTruncated
            ? new Judgement(SegmentVerdict.Unverifiable, DropReason.PacketTruncated, first)
            : new Judgement(SegmentVerdict.BadMac, DropReason.MacMismatch, first);
    }

    private static bool IsChainOf(CapturedConnection connection, CaptureChain chain) =>
        connection.Peers.Count == 0 || connection.Peers.Any(peer => ReferenceEquals(peer.Keys, chain.Keys));

    private static bool VerifiesMd5(in Segment segment, AoKey key)
    {
        var pair = new SocketPair(segment.Source.Address, segment.Destination.Address, segment.Source.Port, segment.Destination.Port);
        SegmentFlow flow = SegmentFlow.Outbound(pair, NatSides.None);
        SegmentMac.Derive(key, flow, 0, 0, out TrafficKey trafficKey);
        bool good = SegmentMac.Verify(key, in trafficKey, segment.Packet, flow, 0);
        trafficKey.Clear();
        return good;
    }
}
