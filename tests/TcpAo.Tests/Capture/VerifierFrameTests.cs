using System.Buffers.Binary;
using TcpAo.Capture;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;
using static TcpAo.Tests.Support.CaptureBuilder;

namespace TcpAo.Tests.Capture;

/// <summary>What captures do to frames: other link layers, padding, cuts, fragments, offload; and what else is in them.</summary>
public sealed class VerifierFrameTests
{
    private static readonly CaptureKeys s_keys = Chain(Key());

    [Theory]
    [InlineData("ethernet", 1, false)]
    [InlineData("vlan", 1, false)]
    [InlineData("vlans", 1, true)]
    [InlineData("padded", 1, false)]
    [InlineData("sll", 113, true)]
    [InlineData("raw", 101, false)]
    public void Frames_OfAnyLinkLayerInPcapAndPcapng_EverySegmentValid(string wrapper, int linkType, bool ipv6)
    {
        byte[][] packets = new AoSession(Key(macLength: 4)) { Client = ipv6 ? "2001:db8::1" : "192.0.2.1", Server = ipv6 ? "2001:db8::2" : "192.0.2.2" }.Whole();
        byte[][] frames = [.. packets.Select(packet => wrapper switch
        {
            "ethernet" => Ethernet(packet),
            "vlan" => Ethernet(packet, 42),
            "vlans" => Ethernet(packet, 42, 4094),
            "padded" => Padded(Ethernet(packet), 90),
            "sll" => LinuxSll(packet),
            _ => packet,
        })];
        PcapWriter pcapng = new PcapWriter().Section().Interface((ushort)linkType);
        foreach (byte[] frame in frames)
        {
            pcapng.EnhancedPacket(0, 0, frame);
        }

        CaptureKeys keys = Chain(Key(macLength: 4));
        AssertVerdicts(VerifyFile(keys, Pcap(frames, (uint)linkType)));
        AssertVerdicts(VerifyFile(keys, pcapng.ToArray()));
    }

    [Fact]
    public void Segments_CutBySnapLength_UnverifiableAndWhatIsWholeValid()
    {
        byte[][] packets = new AoSession(Key()).Whole();
        PcapWriter file = new PcapWriter().FileHeader(linkType: 101);
        const int Snap = 75;
        foreach (byte[] packet in packets)
        {
            file.Record(0, 0, packet.AsSpan(0, Math.Min(Snap, packet.Length)), (uint)packet.Length);
        }

        SegmentReport[] reports = VerifyFile(s_keys, file.ToArray());

        for (int i = 0; i < packets.Length; i++)
        {
            Assert.Equal(packets[i].Length > Snap ? (SegmentVerdict.Unverifiable, DropReason.PacketTruncated) : (SegmentVerdict.Valid, DropReason.None), (reports[i].Verdict, reports[i].Reason));
            Assert.NotNull(reports[i].KeyId);
        }

        Assert.Contains(reports, r => r.Verdict == SegmentVerdict.Unverifiable);
    }

    [Fact]
    public void Segments_CutAnywhere_NeverValidNeverAnException()
    {
        byte[][] packets = new AoSession(Key()).Whole(1);
        for (int length = 0; length < packets[3].Length; length++)
        {
            SegmentReport[] reports = Verify(s_keys, With(packets, 3, packets[3][..length]));

            Assert.All(reports.Where(r => r.Frame != 4), r => Assert.Equal(SegmentVerdict.Valid, r.Verdict));
            Assert.All(reports.Where(r => r.Frame == 4), r => Assert.Equal(SegmentVerdict.Unverifiable, r.Verdict));
        }
    }

    [Fact]
    public void Segment_WithTotalLengthZero_TakenAsLongAsTheFrame()
    {
        byte[][] packets = new AoSession(Key()).Whole();

        // captured on the sending host before segmentation offload filled the field in
        byte[][] offloaded = [.. packets.Select(packet => Changed(packet, p => p[2] = p[3] = 0))];
        AssertVerdicts(Verify(s_keys, offloaded));
    }

    [Fact]
    public void Segment_OfManyTakenTogether_BadMac()
    {
        // receive offload glued two segments: the MAC of the first stands over the bytes of both
        byte[][] packets = new AoSession(Key()).Whole();
        byte[] glued = [.. packets[3], .. packets[3][72..]];
        BinaryPrimitives.WriteUInt16BigEndian(glued.AsSpan(2), (ushort)glued.Length);

        AssertVerdicts(Verify(s_keys, With(packets, 3, glued)), (4, SegmentVerdict.BadMac));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fragments_FirstOneUnverifiable_OthersAreNoSegments(bool ipv6)
    {
        byte[][] packets = new AoSession(Key()) { Client = ipv6 ? "2001:db8::1" : "192.0.2.1", Server = ipv6 ? "2001:db8::2" : "192.0.2.2" }.Whole();
        byte[] first = Fragment(packets[3], offset: 0, more: true);
        byte[] second = Fragment(packets[3], offset: 8, more: false);

        SegmentReport[] reports = Verify(s_keys, [.. packets[..3], first, second, .. packets[4..]]);

        Assert.Equal(packets.Length, reports.Length);
        AssertVerdicts(reports, (4, SegmentVerdict.Unverifiable));
        Assert.Equal(DropReason.IpFragment, reports[3].Reason);
    }

    [Fact]
    public void OtherTraffic_BesideASignedConnection_NotReported()
    {
        byte[][] packets = new AoSession(Key()).Whole();
        byte[] udp = Changed(packets[0], p => p[9] = 17);
        byte[] damagedUdp = Changed(udp, p => p[3] = 4);
        byte[] cutUdp = udp[..12];
        byte[] cutTcp = packets[0][..12];
        byte[] arp = [0, 1, 8, 0, 6, 4, 0, 1];

        SegmentReport[] reports = Verify(s_keys, [udp, damagedUdp, cutUdp, arp, [], cutTcp, .. packets]);

        AssertVerdicts(reports, (6, SegmentVerdict.Unverifiable));
        Assert.Equal(packets.Length + 1, reports.Length);
        Assert.Null(reports[0].Source);
    }

    [Fact]
    [Trait("Requirement", "R-002")]
    [Trait("Requirement", "R-003")]
    [Trait("Requirement", "R-004")]
    public void Options_ThatBreakTheRules_MalformedWithTheReason()
    {
        byte[][] packets = new AoSession(Key()).Whole();
        byte[] twice = Packets.IPv4(Packets.Segment([.. Packets.AoOption(12), .. Packets.AoOption(12)], []));
        byte[] both = Packets.IPv4(Packets.Segment([.. Packets.AoOption(12), .. Packets.Md5Option], []));
        byte[] shortAo = Packets.IPv4(Packets.Segment([29, 3, 1, 1], []));
        byte[] noMac = Packets.IPv4(Packets.Segment([29, 4, 61, 84], []));

        SegmentReport[] reports = Verify(s_keys, [.. packets, twice, both, shortAo, noMac]);

        Assert.Equal(
            [(SegmentVerdict.Malformed, DropReason.AoDuplicate), (SegmentVerdict.Malformed, DropReason.AoWithMd5), (SegmentVerdict.Malformed, DropReason.AoLength), (SegmentVerdict.Unverifiable, DropReason.IsnUnknown)],
            reports[packets.Length..].Select(r => (r.Verdict, r.Reason)));
    }

    [Fact]
    public void MalformedAo_OnAPlainConnection_LeavesItPlain()
    {
        byte[][] plain = new AoSession(null).Whole();
        byte[] broken = Changed(new AoSession(Key()).Syn(), p => p[41] = 3);

        AssertVerdicts(
            Verify(s_keys, [.. plain, broken]),
            [.. plain.Select((_, i) => (i + 1, SegmentVerdict.NotTcpAo)), (plain.Length + 1, SegmentVerdict.Malformed)]);
    }

    [Fact]
    [Trait("Requirement", "R-097")]
    public void Md5Segment_ChangedOrWithoutItsOption_OnlyItIsBad()
    {
        AoKey key = Key(MacAlgorithms.TcpMd5, 0, 0);
        byte[][] packets = new AoSession(key).Whole();
        byte[] plain = new AoSession(null).Rst(false);
        byte[] changed = Changed(packets[4], p => p[34] ^= 1); // the window
        byte[] forged = new AoSession(Key(MacAlgorithms.TcpMd5, 0, 0, "other")).Rst(false);

        SegmentReport[] reports = Verify(Chains([Key()], [key]), [packets[0], plain, .. With(packets, 4, changed)[1..], forged]);

        AssertVerdicts(reports, (2, SegmentVerdict.Unsigned), (6, SegmentVerdict.BadMac), (packets.Length + 2, SegmentVerdict.BadMac));
        Assert.Equal(DropReason.Md5Required, reports[1].Reason);
    }

    [Fact]
    public void Md5Connection_WithoutMd5Keys_NotTcpAo()
    {
        byte[][] packets = new AoSession(Key(MacAlgorithms.TcpMd5, 0, 0)).Whole();

        Assert.All(Verify(s_keys, packets), r => Assert.Equal(SegmentVerdict.NotTcpAo, r.Verdict));
    }

    [Fact]
    public void Packets_Random_NeverThrow()
    {
        var random = new Random(5);
        byte[][] whole = new AoSession(Key()).Whole();
        var packets = new List<byte[]>();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] packet = [.. whole[random.Next(whole.Length)]];
            for (int n = random.Next(4); n >= 0; n--)
            {
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            }

            packets.Add(packet[..random.Next(packet.Length)]);
            packets.Add(packet);
        }

        SegmentReport[] reports = Verify(s_keys, packets);

        // those whose change hit a checksum, the TTL and the like
        Assert.InRange(reports.Count(r => r.Verdict == SegmentVerdict.Valid), 1, 5_000);
    }

    private static SegmentReport[] VerifyFile(CaptureKeys keys, byte[] file)
    {
        CaptureRun run = CaptureRun.Of(file);
        Assert.Null(run.Error);
        return Verify(keys, run.Frames.Select(frame =>
        {
            byte[] data = Convert.FromHexString(frame.Data);
            Assert.True(LinkLayer.TryGetIPPacket(frame.LinkType, data, out int offset));
            return data[offset..];
        }));
    }

    private static byte[] Fragment(byte[] packet, int offset, bool more)
    {
        ushort field = (ushort)((offset / 8) | (more ? 0x2000 : 0));
        if (packet[0] >> 4 == 4)
        {
            return Changed(packet, p => BinaryPrimitives.WriteUInt16BigEndian(p.AsSpan(6), field));
        }

        byte[] header = [6, 0, (byte)(offset >> 8), (byte)(offset | (more ? 1 : 0)), 0, 0, 0, 9];
        byte[] fragment = [.. packet[..40], .. header, .. packet[40..]];
        fragment[6] = 44;
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(4), (ushort)(fragment.Length - 40));
        return fragment;
    }
}
