using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Capture;

/// <summary>What the verifier found on one socket pair, for a summary.</summary>
public sealed class ConnectionSummary
{
    private readonly long[] _verdicts = new long[Enum.GetValues<SegmentVerdict>().Length];
    private readonly List<byte> _keyIds = [];
    private AoKey? _lastKeyOfFirst;
    private AoKey? _lastKeyOfSecond;

    internal ConnectionSummary(in SocketPair pair) => Pair = pair;

    /// <summary>The two ends.</summary>
    public SocketPair Pair { get; }

    /// <summary>The last key that the first end signed with, or else the second; null when nothing verified.</summary>
    public string? KeyName => (_lastKeyOfFirst ?? _lastKeyOfSecond)?.Name;

    /// <summary>How often the pair was used, one connection after the other.</summary>
    public int Lives { get; internal set; } = 1;

    /// <summary>TCP segments.</summary>
    public long Segments { get; private set; }

    /// <summary>How often a sender changed its key.</summary>
    public int KeyChanges { get; private set; }

    /// <summary>The KeyIDs seen in valid segments, in the order of their first use.</summary>
    public ImmutableArray<byte> KeyIds => [.. _keyIds];

    /// <summary>The first segment that is neither valid nor foreign to TCP-AO.</summary>
    public SegmentReport? FirstFailure { get; private set; }

    /// <summary>Segments with this verdict.</summary>
    public long Count(SegmentVerdict verdict) => _verdicts[(int)verdict];

    internal void Add(in SegmentReport report, bool fromFirst)
    {
        Segments++;
        _verdicts[(int)report.Verdict]++;
        if (report.Verdict == SegmentVerdict.Valid)
        {
            NoteKey(report, ref fromFirst ? ref _lastKeyOfFirst : ref _lastKeyOfSecond);
        }
        else if (report.Verdict != SegmentVerdict.NotTcpAo)
        {
            FirstFailure ??= report;
        }
    }

    private void NoteKey(in SegmentReport report, ref AoKey? last)
    {
        if (ReferenceEquals(last, report.Key))
        {
            return;
        }

        if (last is not null)
        {
            KeyChanges++;
        }

        last = report.Key;
        if (report.KeyId is { } id && !_keyIds.Contains(id))
        {
            _keyIds.Add(id);
        }
    }
}
