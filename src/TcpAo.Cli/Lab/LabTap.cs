using System.Diagnostics;
using TcpAo.Capture;
using TcpAo.Cli.Verify;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab;

/// <summary>Sees and keeps every TCP segment on a link, as it is on the wire, and swallows those that the attacker wants gone.</summary>
internal sealed class LabTap
{
    private readonly Lock _gate = new();
    private readonly List<(LabSegment Segment, DateTimeOffset Time)> _seen = [];
    private Predicate<LabSegment>? _swallow;

    /// <summary>Which segments are not to arrive; null for none.</summary>
    public Predicate<LabSegment>? Swallow
    {
        set => Volatile.Write(ref _swallow, value);
    }

    /// <summary>How many segments there were so far.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _seen.Count;
            }
        }
    }

    /// <summary>The link's filter.</summary>
    public bool See(ReadOnlySpan<byte> frame, bool isFromA)
    {
        if (LabSegment.TryRead(frame, isFromA) is not { } segment)
        {
            return true;
        }

        lock (_gate)
        {
            _seen.Add((segment, DateTimeOffset.UtcNow));
        }

        return Volatile.Read(ref _swallow)?.Invoke(segment) is not true;
    }

    /// <summary>The segments that fit, in their order.</summary>
    public List<LabSegment> Find(Predicate<LabSegment> fits, int from = 0)
    {
        lock (_gate)
        {
            return [.. _seen.Skip(from).Where(seen => fits(seen.Segment)).Select(seen => seen.Segment)];
        }
    }

    /// <summary>Waits for a segment.</summary>
    public LabSegment WaitFor(Predicate<LabSegment> fits, string what, int from = 0)
    {
        LabSegment? found = null;
        LabWait.Until(() => (found = Find(fits, from).FirstOrDefault()) is not null, what);
        return found!;
    }

    /// <summary>The verifier's judgement of all segments on a port: how many there were. Throws unless all are signed and valid.</summary>
    /// <param name="keysFile">A configuration of A.</param>
    /// <param name="port">The port.</param>
    public int Judge(string keysFile, int port)
    {
        // the engine's own verifier, which reads no state of the programs that signed
        var verifier = new CaptureVerifier(CaptureKeysFile.Load(keysFile).Keys);
        int number = 0;
        foreach (LabSegment segment in Find(segment => segment.HasPort(port)))
        {
            number++;
            bool isTcp = verifier.TryVerify(number, segment.Frame.AsSpan(LabSegment.EthernetLength), out SegmentReport report);
            if (!isTcp || report.Verdict != SegmentVerdict.Valid || !segment.HasAo)
            {
                throw new LabFailureException($"segment {number} on the wire ({segment.Source}:{segment.SourcePort} [{segment.Flags}]) is {report.Verdict}: {report.Reason}");
            }
        }

        return number == 0 ? throw new LabFailureException("no segment was on the wire") : number;
    }

    /// <summary>Writes a capture file (pcap, Ethernet).</summary>
    public void Save(string path)
    {
        const uint Magic = 0xA1B2C3D4;
        const uint SnapLength = 262144;
        const uint Ethernet = 1;
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write(Magic);
        writer.Write((ushort)2);
        writer.Write((ushort)4);
        writer.Write(0L);
        writer.Write(SnapLength);
        writer.Write(Ethernet);
        lock (_gate)
        {
            foreach ((LabSegment segment, DateTimeOffset time) in _seen)
            {
                writer.Write((uint)time.ToUnixTimeSeconds());
                writer.Write((uint)(time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
                writer.Write(segment.Frame.Length);
                writer.Write(segment.Frame.Length);
                writer.Write(segment.Frame);
            }
        }
    }
}
