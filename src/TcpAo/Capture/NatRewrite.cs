using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Capture;

/// <summary>One end as it is captured, and as its owner signed it; a hidden end (RFC 6978) is signed as zeros.</summary>
/// <param name="Captured">The end in the capture.</param>
/// <param name="SignedAddress">The address under the MAC.</param>
/// <param name="SignedPort">The port under the MAC.</param>
internal sealed record NatRewrite(CaptureEndpoint Captured, IpAddressBits SignedAddress, ushort SignedPort)
{
    /// <summary>The flow with the captured end replaced, whichever side it stands on.</summary>
    public SegmentFlow Apply(in SegmentFlow flow)
    {
        if (flow.Source == Captured.Address && flow.SourcePort == Captured.Port)
        {
            return flow with { Source = SignedAddress, SourcePort = SignedPort };
        }

        return flow.Destination == Captured.Address && flow.DestinationPort == Captured.Port
            ? flow with { Destination = SignedAddress, DestinationPort = SignedPort }
            : flow;
    }
}
