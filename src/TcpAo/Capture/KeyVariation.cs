using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Capture;

/// <summary>A change to the configured key or to the addresses, and how it is told to people.</summary>
/// <param name="Hint">How it is told.</param>
/// <param name="Key">The key to use instead.</param>
/// <param name="Rewrite">What a NAT may have done; null for nothing.</param>
/// <param name="SneOffset">Added to the SNE.</param>
internal sealed record KeyVariation(MismatchHint Hint, AoKey Key, NatRewrite? Rewrite = null, int SneOffset = 0)
{
    /// <summary>Whether the key is the one that the id names in the other direction.</summary>
    public bool IsSwap { get; init; }

    /// <summary>Whether the MAC of <paramref name="packet"/> matches with the change.</summary>
    public bool Matches(in TcpPacket packet, in SegmentFlow flow, uint sourceIsn, uint destinationIsn, uint sne)
    {
        if (packet.MacLength != Key.MacLength)
        {
            return false;
        }

        SegmentFlow changed = Rewrite?.Apply(CapturedFlow(packet)) ?? flow;
        SegmentMac.Derive(Key, changed, sourceIsn, destinationIsn, out TrafficKey trafficKey);
        bool matches = SegmentMac.Verify(Key, in trafficKey, packet, changed, sne + (uint)SneOffset);
        trafficKey.Clear();
        return matches;
    }

    /// <summary>The direction of a packet as the capture has it, whatever the configuration hides.</summary>
    public static SegmentFlow CapturedFlow(in TcpPacket packet) => new(
        IpAddressBits.FromBytes(packet.SourceAddress),
        IpAddressBits.FromBytes(packet.DestinationAddress),
        packet.SourcePort,
        packet.DestinationPort,
        !packet.IsIPv6);
}
