using TcpAo.Capture;
using TcpAo.Cli.Verify;

namespace TcpAo.Cli.Output;

/// <summary>Shows what the verifier finds: as a table for people or as JSON lines.</summary>
internal interface IVerifyOutput : IDisposable
{
    /// <summary>One segment.</summary>
    void Segment(in SegmentReport report);

    /// <summary>The end.</summary>
    void Summary(VerifyTotals totals, IEnumerable<ConnectionSummary> connections);
}
