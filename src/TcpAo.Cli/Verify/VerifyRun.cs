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
internal sealed class VerifyRun(string path, CaptureKeys keys, ConnectionFilter? filter, IReadOnlyList<KnownIsns> knownIsns)
{
    private const int FramesBetweenProgress = 1 << 14;

    /// <summary>Verifies every segment.</summary>
    /// <returns>The exit code.</returns>
    public int Execute(IVerifyOutput output, Progress progress)
    {
        using var file = new CaptureFile(path);
        var verifier = new CaptureVerifier(keys, knownIsns, file.CanReadAgain ? LookAhead : null);
        var totals = new VerifyTotals();
        var unsupported = new HashSet<int>();
        while (file.TryRead(out CapturedFrame frame))
        {
            if (frame.Number % FramesBetweenProgress == 0)
            {
                progress.Report(path, file.Position, file.Length);
            }

            if (!TryGetPacket(frame, out ReadOnlySpan<byte> ip))
            {
                if (!LinkLayer.IsSupported(frame.LinkType))
                {
                    unsupported.Add(frame.LinkType);
                }

                continue;
            }

            if (filter is not null && !Passes(ip))
            {
                continue;
            }

            if (verifier.TryVerify(frame.Number, ip, out SegmentReport report))
            {
                totals.Add(report.Verdict);
                output.Segment(report);
            }
        }

        progress.Done();
        totals.Connections = verifier.ConnectionCount;
        output.Summary(totals, verifier.Summaries);
        return ExitCode(file, totals, unsupported);
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
