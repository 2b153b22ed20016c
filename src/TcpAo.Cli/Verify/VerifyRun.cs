using System.Runtime.ExceptionServices;
using TcpAo.Capture;
using TcpAo.Cli.Output;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Cli.Verify;

/// <summary>One run of the verifier over one capture file.</summary>
/// <param name="path">The capture.</param>
/// <param name="keys">The keys.</param>
/// <param name="filter">Which connections to look at; null for all.</param>
/// <param name="knownIsns">ISNs that the user told.</param>
/// <param name="threads">1, or more for a second thread that reads and computes MACs; what comes out is the same.</param>
internal sealed class VerifyRun(string path, CaptureKeys keys, ConnectionFilter? filter, IReadOnlyList<KnownIsns> knownIsns, int threads = 1)
{
    private readonly HashSet<int> _unsupported = [];
    private CaptureVerifier _verifier = null!;

    /// <summary>Verifies every segment.</summary>
    /// <returns>The exit code.</returns>
    public int Execute(IVerifyOutput output, Progress progress)
    {
        using var file = new CaptureFile(path);
        _verifier = new CaptureVerifier(keys, knownIsns, file.CanReadAgain ? LookAhead : null);
        var totals = new VerifyTotals();
        if (threads > 1 && file.CanReadAgain)
        {
            // not for a pipe, whose verdicts would wait for what comes three pieces later
            VerifyWithHelper(file, totals, output, progress);
        }
        else
        {
            VerifyAlone(file, totals, output, progress);
        }

        progress.Done();
        totals.Connections = _verifier.ConnectionCount;
        output.Summary(totals, _verifier.Summaries);
        return ExitCode(file, totals, _unsupported);
    }

    private void VerifyAlone(CaptureFile file, VerifyTotals totals, IVerifyOutput output, Progress progress)
    {
        var chunk = new VerifyChunk();
        do
        {
            chunk.Read(file, Accept);
            _verifier.Foresee(chunk.Batch, chunk.Buffer);
            chunk.ComputeMacs();
            Judge(chunk, totals, output, progress, file.Length);
        }
        while (!chunk.IsLast);
    }

    /// <summary>
    /// Pieces of the file overlap: while one is judged here, the MACs of the next are computed by the helper, which then reads the one after the one that waits for
    /// being foreseen. Everything that remembers is touched by this thread alone, in the order of the file.
    /// </summary>
    private void VerifyWithHelper(CaptureFile file, VerifyTotals totals, IVerifyOutput output, Progress progress)
    {
        using var helper = new Helper();
        VerifyChunk? judged = null;
        VerifyChunk? computed = null;
        VerifyChunk? foreseen = null;
        VerifyChunk? read = null;
        var free = new Stack<VerifyChunk>();
        bool isRead = false;
        while (!isRead || read is not null || foreseen is not null || computed is not null)
        {
            judged = computed;
            computed = foreseen;
            foreseen = read;
            read = isRead ? null : free.TryPop(out VerifyChunk? reused) ? reused : new VerifyChunk();
            helper.Both(
                there: () =>
                {
                    computed?.ComputeMacs();
                    read?.Read(file, Accept);
                },
                here: () =>
                {
                    if (judged is not null)
                    {
                        Judge(judged, totals, output, progress, file.Length);
                    }

                    if (foreseen is not null)
                    {
                        _verifier.Foresee(foreseen.Batch, foreseen.Buffer);
                    }
                });
            isRead |= read?.IsLast == true;
            if (judged is not null)
            {
                free.Push(judged);
            }
        }
    }

    private void Judge(VerifyChunk chunk, VerifyTotals totals, IVerifyOutput output, Progress progress, long length)
    {
        progress.Report(path, chunk.Position, length);
        CaptureBatch batch = chunk.Batch;
        ReadOnlySpan<byte> buffer = chunk.Buffer;
        for (int i = 0; i < batch.Count; i++)
        {
            if (_verifier.TryVerify(batch, i, buffer, out SegmentReport report))
            {
                totals.Add(report.Verdict);
                output.Segment(report);
            }
        }

        if (chunk.Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Where the IP packet of a frame begins, if the frame is to be looked at.</summary>
    private int Accept(in CapturedFrame frame)
    {
        if (LinkLayer.TryGetIPPacket(frame.LinkType, frame.Data, out int offset))
        {
            return filter is null || Passes(frame.Data[offset..]) ? offset : -1;
        }

        if (!LinkLayer.IsSupported(frame.LinkType))
        {
            _unsupported.Add(frame.LinkType);
        }

        return -1;
    }

    private int ExitCode(CaptureFile file, VerifyTotals totals, HashSet<int> unsupported)
    {
        foreach (int linkType in unsupported)
        {
            Console.Error.WriteLine($"tcpao: {path}: frames of {LinkLayer.NameOf(linkType)} were skipped: their layout is not known");
        }

        if (file.Error is { } error)
        {
            Console.Error.WriteLine($"tcpao: {path}: {error}");
            return ExitCodes.Usage;
        }

        if (totals.Segments == 0)
        {
            Console.Error.WriteLine($"tcpao: {path}: no TCP segments{(filter is null ? string.Empty : " of that connection")}");
        }

        return totals.IsGood ? ExitCodes.Success : ExitCodes.No;
    }

    /// <summary>A pass of its own, made only when an unsigned segment asks for it.</summary>
    private SignedConnections LookAhead()
    {
        var signed = new SignedConnections(keys);
        using var file = new CaptureFile(path);
        while (file.TryRead(out CapturedFrame frame))
        {
            if (TryGetPacket(frame, out ReadOnlySpan<byte> ip))
            {
                DropReason reason = TcpPacket.TryParse(ip, out TcpPacket packet, PacketOrigin.Capture);
                signed.Observe(frame.Number, packet, reason);
            }
        }

        if (signed.IsIncomplete)
        {
            Console.Error.WriteLine($"tcpao: warning: {path}: too many connections to look ahead; some unsigned segments may be reported as not-tcp-ao");
        }

        return signed;
    }

    private static bool TryGetPacket(in CapturedFrame frame, out ReadOnlySpan<byte> ip)
    {
        bool found = LinkLayer.TryGetIPPacket(frame.LinkType, frame.Data, out int offset);
        ip = found ? frame.Data[offset..] : default;
        return found;
    }

    private bool Passes(ReadOnlySpan<byte> ip)
    {
        TcpPacket.TryParse(ip, out TcpPacket packet, PacketOrigin.Capture);
        return packet.HasPorts && filter!.Matches(
            new CaptureEndpoint(IpAddressBits.FromBytes(packet.SourceAddress), packet.SourcePort),
            new CaptureEndpoint(IpAddressBits.FromBytes(packet.DestinationAddress), packet.DestinationPort));
    }
}
