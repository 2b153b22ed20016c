using TcpAo.Capture;

namespace TcpAo.Cli.Verify;

/// <summary>Which connections are looked at: those with one given end, or with two.</summary>
internal sealed record ConnectionFilter(CaptureEndpoint First, CaptureEndpoint? Second)
{
    public bool Matches(in CaptureEndpoint source, in CaptureEndpoint destination) =>
        Second is { } second
            ? (source == First && destination == second) || (source == second && destination == First)
            : source == First || destination == First;
}
