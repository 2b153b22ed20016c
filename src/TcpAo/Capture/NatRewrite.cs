using System.Collections.Immutable;
using TcpAo.Crypto;

namespace TcpAo.Capture;

/// <summary>
/// How a segment was signed where that is not what the capture has: ends that a NAT rewrote, or hidden ones (RFC 6978), which are zeros
/// under the MAC. It says the same for both directions of a connection.
/// </summary>
/// <param name="Ends">Each end in the capture that was signed as another.</param>
internal sealed record NatRewrite(ImmutableArray<(CaptureEndpoint Captured, CaptureEndpoint Signed)> Ends)
{
    /// <summary>The flow of the capture with its ends replaced, whichever side they stand on.</summary>
    public SegmentFlow Apply(SegmentFlow captured)
    {
        SegmentFlow signed = captured;
        foreach ((CaptureEndpoint end, CaptureEndpoint replacement) in Ends)
        {
            if (captured.Source == end.Address && captured.SourcePort == end.Port)
            {
                signed = signed with { Source = replacement.Address, SourcePort = replacement.Port };
            }
            else if (captured.Destination == end.Address && captured.DestinationPort == end.Port)
            {
                signed = signed with { Destination = replacement.Address, DestinationPort = replacement.Port };
            }
        }

        return signed;
    }
}
