using TcpAo.Capture;

namespace TcpAo.Cli.Verify;

/// <summary>How many segments got which verdict.</summary>
internal sealed class VerifyTotals
{
    private readonly long[] _counts = new long[Enum.GetValues<SegmentVerdict>().Length];

    public long Segments { get; private set; }

    public long Connections { get; set; }

    public long Count(SegmentVerdict verdict) => _counts[(int)verdict];

    public void Add(SegmentVerdict verdict)
    {
        Segments++;
        _counts[(int)verdict]++;
    }

    /// <summary>At least one segment is valid, and all others are valid or foreign to TCP-AO.</summary>
    public bool IsGood => Count(SegmentVerdict.Valid) > 0 && Count(SegmentVerdict.Valid) + Count(SegmentVerdict.NotTcpAo) == Segments;
}
