using System.Buffers;
using TcpAo.Capture;
using TcpAo.Connections;
using TcpAo.Fuzz.Engine;
using TcpAo.Fuzz.Seeds;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Targets;

/// <summary><see cref="CaptureVerifier"/> over a capture file, with chains alone and with peers and known ISNs; no report contradicts itself.</summary>
internal sealed class VerifierTarget : IFuzzTarget
{
    private readonly CaptureKeys _chains = new(
        [
            new CaptureChain("pair", FuzzKeys.RingsOf(first: true)[0]),
            new CaptureChain("rfc9235", FuzzKeys.Rfc9235),
            new CaptureChain("lab", FuzzKeys.Lab),
            new CaptureChain("lab-cmac", FuzzKeys.LabCmac),
            new CaptureChain("md5", FuzzKeys.Md5),
            new CaptureChain("mixed", FuzzKeys.Mixed),
        ],
        null,
        []);

    private readonly CaptureKeys _peers;
    private readonly KnownIsns _known;

    public VerifierTarget()
    {
        KeyRing ring = FuzzKeys.RingsOf(first: true)[0];
        IpAddressBits local = IpAddressBits.FromBytes([192, 0, 2, 1]);
        IpAddressBits remote = IpAddressBits.FromBytes([198, 51, 100, 2]);
        _known = new KnownIsns(new SocketPair(local, remote, 40000, 179), 100, 500, 0, 0);
        _peers = new CaptureKeys([new CaptureChain("pair", ring)], new FixedKeySource(new ConnectionPolicy("peer", ring)), [local]);
    }

    public string Name => "verifier";

    public IEnumerable<byte[]> Seeds => SeedCaptures.All;

    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] file = input.ToArray();
        Verify(input, new CaptureVerifier(_chains) { PortSearches = 0 });
        Verify(input, new CaptureVerifier(_chains, [_known], () => LookAhead(file)) { PortSearches = 0 });
        Verify(input, new CaptureVerifier(_peers) { PortSearches = 0 });
    }

    private static SignedConnections LookAhead(byte[] file)
    {
        SignedConnections signed = new();
        CaptureReader reader = new();
        int start = 0;
        while (reader.Read(file.AsSpan(start), out int consumed, out CapturedFrame frame) == OperationStatus.Done)
        {
            start += consumed;
            if (LinkLayer.TryGetIPPacket(frame.LinkType, frame.Data, out int offset))
            {
                DropReason refused = TcpPacket.TryParse(frame.Data[offset..], out TcpPacket packet, PacketOrigin.Capture);
                signed.Observe(frame.Number, packet, refused);
            }
        }

        return signed;
    }

    private static void Verify(ReadOnlySpan<byte> file, CaptureVerifier verifier)
    {
        CaptureReader reader = new();
        int start = 0;
        long located = 0;
        while (reader.Read(file[start..], out int consumed, out CapturedFrame frame) == OperationStatus.Done)
        {
            start += consumed;
            if (!LinkLayer.TryGetIPPacket(frame.LinkType, frame.Data, out int offset)
                || !verifier.TryVerify(frame.Number, frame.Data[offset..], out SegmentReport report))
            {
                continue;
            }

            Check.Equal(frame.Number, report.Frame);
            CheckReport(report);
            located += report.Source is null ? 0 : 1;
            Signals.Note(1, (int)report.Verdict, (int)report.Reason);
            Signals.Note(2, (int)report.Verdict, report.Hint?.Name.Length ?? 0);
        }

        long summed = verifier.Summaries.Sum(summary => Enum.GetValues<SegmentVerdict>().Sum(summary.Count));
        Check.Equal(located, summed);
        Check.Equal(located, verifier.Summaries.Sum(summary => summary.Segments));
        Check.That(verifier.ConnectionCount >= verifier.Summaries.Count());
    }

    private static void CheckReport(in SegmentReport report)
    {
        DropReason reason = report.Reason;
        bool isConsistent = report.Verdict switch
        {
            SegmentVerdict.Valid => reason == DropReason.None && report is { Key: not null, Hint: null },
            SegmentVerdict.NotTcpAo => reason == DropReason.None && report is { Key: null, Hint: null, KeyId: null },
            SegmentVerdict.BadMac => reason is DropReason.MacMismatch or DropReason.MacLengthMismatch && report.Key is not null,
            SegmentVerdict.KeyNotFound => reason == DropReason.KeyNotFound && report is { Key: null, KeyId: not null },
            SegmentVerdict.Unsigned => reason is DropReason.AoRequired or DropReason.Md5Required && report.KeyId is null,
            SegmentVerdict.Unverifiable => reason is DropReason.IsnUnknown or DropReason.PacketTruncated or DropReason.IpFragment,
            SegmentVerdict.Malformed => reason != DropReason.None,
            _ => false,
        };
        Check.That(isConsistent, $"verdict {report.Verdict} goes with {report.Reason}, key {report.Key}, id {report.KeyId}, hint {report.Hint?.Name}");
        Check.Equal(report.KeyId is null, report.RNextKeyId is null);
        Check.That(report.KeyId is null || report.MacLength is not null);
        Check.Equal(report.Source is null, report.Destination is null);
        bool isNamed = report.Key is not { } key || report.KeyId is not { } id || key.SendId == id || key.RecvId == id;
        Check.That(isNamed, $"the key {report.Key} has the id {report.KeyId}");
    }
}
