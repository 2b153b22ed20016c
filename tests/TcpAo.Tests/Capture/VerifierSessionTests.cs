using TcpAo.Capture;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using Xunit;
using static TcpAo.Tests.Support.CaptureBuilder;

namespace TcpAo.Tests.Capture;

/// <summary>Sessions that are right: every segment is valid, whatever the algorithm, the ISNs and the order of the frames.</summary>
public sealed class VerifierSessionTests
{
    public static TheoryData<string, int, bool, bool> Algorithms
    {
        get
        {
            var data = new TheoryData<string, int, bool, bool>();
            foreach (MacAlgorithm algorithm in MacAlgorithms.All.Where(a => !a.IsTcpMd5))
            {
                for (int length = Math.Max(4, algorithm.MinMacLength); length <= Math.Min(16, algorithm.MaxMacLength); length++)
                {
                    data.Add(algorithm.Name, length, length % 2 == 0, length % 3 == 0);
                    data.Add(algorithm.Name, length, length % 2 == 1, length % 3 != 0);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    [Trait("Requirement", "R-012")]
    [Trait("Requirement", "R-034")]
    public void Session_WithAnyAlgorithm_EverySegmentValid(string algorithm, int macLength, bool ipv6, bool includeOptions)
    {
        MacAlgorithms.TryGet(algorithm, out MacAlgorithm? mac);
        AoKey key = Key(mac, macLength: macLength, options: includeOptions);
        var session = new AoSession(key) { Client = ipv6 ? "2001:db8::1" : "192.0.2.1", Server = ipv6 ? "2001:db8::2" : "192.0.2.2" };

        SegmentReport[] reports = Verify(Chain(key), session.Whole());

        AssertVerdicts(reports);
        Assert.All(reports, r => Assert.Equal((0u, macLength, key), (r.Sne!.Value, r.MacLength!.Value, r.Key)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-097")]
    public void Md5Session_WithItsKey_EverySegmentValidWithoutIds(bool ipv6)
    {
        AoKey key = Key(MacAlgorithms.TcpMd5, 0, 0);
        var session = new AoSession(key) { Client = ipv6 ? "2001:db8::1" : "192.0.2.1", Server = ipv6 ? "2001:db8::2" : "192.0.2.2" };

        SegmentReport[] reports = Verify(Chains([Key()], [Key(MacAlgorithms.TcpMd5, 0, 0, "other")], [key]), session.Whole());

        AssertVerdicts(reports);
        Assert.All(reports, r => Assert.Equal((null, null, 16, key), (r.KeyId, r.Sne, r.MacLength, r.Key)));
    }

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(1u, 0xFFFF_FFFFu)]
    [InlineData(0xFFFF_FFFFu, 0xFFFF_FFFFu)]
    [InlineData(0xFFFF_FFFEu, 0x7FFF_FFFFu)]
    [InlineData(0xFFFF_FFE0u, 0xFFFF_FFD0u)]
    [InlineData(0x8000_0000u, 0xFFFF_FFF0u)]
    [Trait("Requirement", "R-053")]
    public void Isns_AtTheEdge_SneCountsFromTheIsn(uint clientIsn, uint serverIsn)
    {
        var session = new AoSession(Key(), clientIsn, serverIsn);
        byte[][] packets = session.Whole();

        SegmentReport[] reports = Verify(Chain(Key()), packets);

        AssertVerdicts(reports);
        Assert.Equal(0u, reports[0].Sne);
        Assert.Equal(0u, reports[1].Sne);
        Assert.Equal((uint)(session.Next(true) >> 32), reports[^1].Sne!.Value);
        Assert.Equal((uint)((session.Next(false) - 1) >> 32), reports[^2].Sne!.Value);
    }

    [Fact]
    [Trait("Requirement", "R-048")]
    public void Sequence_SeveralWrapsByHugeJumps_SneFollows()
    {
        var session = new AoSession(Key(), 0xFFFF_0000, 5);
        var packets = new List<byte[]>(session.Handshake());
        for (int i = 0; i < 12; i++)
        {
            packets.Add(session.Skip(true, 0x7FFF_0000).Data(true));
            packets.Add(session.Skip(false, 0x5555_5555).Data(false));
        }

        SegmentReport[] reports = Verify(Chain(Key()), packets);

        AssertVerdicts(reports);
        Assert.Equal(6u, reports[^2].Sne!.Value);
        Assert.Equal(4u, reports[^1].Sne!.Value);
    }

    [Fact]
    [Trait("Requirement", "R-053")]
    public void Segment_FromBeforeAWrap_SentAgainAfterIt_ValidWithTheSmallerSne()
    {
        var session = new AoSession(Key(), 0xFFFF_FF00);
        byte[][] start = session.Handshake();
        byte[] before = session.Data(true, 200);
        byte[] over = session.Data(true, 100);
        byte[] after = session.Data(true, 100);

        SegmentReport[] reports = Verify(Chain(Key()), [.. start, before, over, after, before, over, after]);

        AssertVerdicts(reports);
        Assert.Equal([0u, 0u, 1u, 0u, 0u, 1u], reports[3..].Select(r => r.Sne!.Value));
    }

    [Fact]
    public void Frames_OutOfOrderAndDoubled_EverySegmentValid()
    {
        byte[][] p = new AoSession(Key(), 0xFFFF_FFD0, 0xFFFF_FFF0).Whole(6);
        byte[][] shuffled = [p[0], p[0], p[1], p[1], p[2], .. p[3..].Reverse(), .. p[3..], p[1], p[2], p[0]];

        AssertVerdicts(Verify(Chain(Key()), shuffled));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    public void HandshakeFrames_MissingInTheCapture_TheRestIsValid(params int[] missing)
    {
        byte[][] packets = Without(new AoSession(Key(), 0xFFFF_FFFF, 0xFFFF_FFFF).Whole(), missing);

        AssertVerdicts(Verify(Chain(Key()), packets));
    }

    [Fact]
    public void DataWithTheFinalAck_AndTheAckItself_EverySegmentValid()
    {
        var session = new AoSession(Key(), 0xFFFF_FFFF);
        byte[] syn = session.Syn();
        byte[] synAck = session.SynAck();
        byte[][] packets = [syn, synAck, .. session.Exchange()];

        AssertVerdicts(Verify(Chain(Key()), packets));
        AssertVerdicts(Verify(Chain(Key()), Without(packets, 1)));
        AssertVerdicts(Verify(Chain(Key()), Without(packets, 0, 1)));
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public void BothEnds_OpenAtOnce_EverySegmentValid()
    {
        var session = new AoSession(Key(), 0xFFFF_FFFF, 0xFFFF_FFFE);
        byte[][] start = [session.Syn(true), session.Syn(false), session.SynAck(true), session.SynAck(false)];
        byte[][] rest = session.Exchange();

        AssertVerdicts(Verify(Chain(Key()), [.. start, .. rest]));
        AssertVerdicts(Verify(Chain(Key()), [start[1], start[0], start[3], .. rest]));
        AssertVerdicts(Verify(Chain(Key()), [start[0], start[1], .. rest]));
    }

    [Fact]
    [Trait("Requirement", "R-046")]
    public void Keys_RotatedInEitherDirectionApart_EverySegmentValidWithItsKey()
    {
        AoKey first = Key();
        AoKey second = Key(MacAlgorithms.AesCmac, 11, 12, "second", name: "core/2");
        AoKey third = Key(MacAlgorithms.HmacSha256, 0, 255, "third", 16, options: false, name: "core/3");
        var session = new AoSession(first);
        var packets = new List<byte[]>([.. session.Handshake(), .. session.Exchange(1)]);
        session.ClientKey = second;
        packets.AddRange(session.Exchange(1));
        session.ServerKey = third;
        packets.AddRange(session.Exchange(1));
        session.ClientKey = first;
        packets.AddRange([.. session.Exchange(1), session.Rst(false)]);

        SegmentReport[] reports = Verify(Chain(first, second, third), packets, lookAhead: true, [], out CaptureVerifier verifier);

        AssertVerdicts(reports);
        Assert.Same(third, reports[^1].Key);
        ConnectionSummary summary = Assert.Single(verifier.Summaries);
        Assert.Equal(3, summary.KeyChanges);
        Assert.Equal([61, 84, 11, 255], summary.KeyIds);
    }

    [Fact]
    public void Chain_SeenFromTheServer_EverySegmentValid()
    {
        AoKey fromServer = Key(sendId: 84, recvId: 61);

        AssertVerdicts(Verify(Chain(fromServer), new AoSession(Key()).Whole()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Orientation_NotToldByTheFirstKey_TakenFromALaterOne(bool seenFromClient)
    {
        AoKey first = Key(sendId: 7, recvId: 7);
        AoKey second = Key(sendId: 1, recvId: 2, secret: "second", name: "core/2");
        AoKey mirrored = Key(sendId: 2, recvId: 1, secret: "second", name: "core/2");
        var session = new AoSession(first);
        byte[][] start = [.. session.Handshake(), .. session.Exchange(1)];
        session.ClientKey = second;
        byte[][] middle = session.Exchange(1);
        session.ServerKey = second;

        AssertVerdicts(Verify(Chain(first, seenFromClient ? second : mirrored), [.. start, .. middle, .. session.Exchange(1)]));
    }

    [Fact]
    public void Chains_SeveralWithTheSameIds_TheOneThatVerifiesIsTaken()
    {
        AoKey wrong = Key(secret: "wrong", name: "wrong/1");
        AoKey alsoWrong = Key(MacAlgorithms.AesCmac, 84, 61, name: "also/1");
        AoKey right = Key();

        SegmentReport[] reports = Verify(Chains([wrong], [alsoWrong], [right]), new AoSession(right).Whole());

        AssertVerdicts(reports);
        Assert.All(reports, r => Assert.Same(right, r.Key));
    }

    [Fact]
    public void Connections_ManyInterleaved_EachOnItsOwn()
    {
        byte[][][] sessions = [.. Enumerable.Range(0, 40).Select(i => new AoSession(i % 3 == 2 ? null : Key(), (uint)i * 0x0FFF_FFFF, 0xFFFF_FFFF - (uint)i) { ClientPort = (ushort)(1000 + i) }.Whole())];
        byte[][] packets = [.. Enumerable.Range(0, sessions[0].Length).SelectMany(f => sessions.Select(s => s[f]))];

        SegmentReport[] reports = Verify(Chain(Key()), packets, lookAhead: true, [], out CaptureVerifier verifier);

        Assert.Equal(packets.Length, reports.Length);
        Assert.All(reports, r => Assert.Equal((r.Source!.Value.Port + r.Destination!.Value.Port - 1179) % 3 == 2 ? SegmentVerdict.NotTcpAo : SegmentVerdict.Valid, r.Verdict));
        Assert.Equal(40, verifier.ConnectionCount);
    }
}
