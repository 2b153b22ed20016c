using TcpAo.Capture;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;
using static TcpAo.Tests.Support.CaptureBuilder;

namespace TcpAo.Tests.Capture;

/// <summary>One socket pair used several times, replays between, captures that begin in the middle.</summary>
public sealed class VerifierReuseTests
{
    private static readonly CaptureKeys s_keys = Chain(Key());

    [Fact]
    public void Pair_UsedAgain_BothConnectionsValid()
    {
        byte[][] first = new AoSession(Key()).Whole();
        byte[][] second = new AoSession(Key(), 0x1234, 0xFFFF_FFFF).Whole();

        SegmentReport[] reports = Verify(s_keys, [.. first, .. second], lookAhead: true, [], out CaptureVerifier verifier);

        AssertVerdicts(reports);
        Assert.Equal(2, verifier.ConnectionCount);
        Assert.Equal(2, Assert.Single(verifier.Summaries).Lives);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 2)]
    public void Pair_UsedAgainWithFramesMissing_RestValid(params int[] missing)
    {
        byte[][] second = Without(new AoSession(Key(), 0x1234, 0xFFFF_FFFF).Whole(), missing);

        AssertVerdicts(Verify(s_keys, [.. new AoSession(Key()).Whole(), .. second]));
    }

    [Fact]
    [Trait("Requirement", "R-074")]
    public void Pair_UsedAgainWithAHandshakeFrameChanged_OnlyThatFrameIsBad()
    {
        byte[][] first = new AoSession(Key()).Whole();
        byte[][] second = new AoSession(Key(), 0x1234, 0xFFFF_FFFF).Whole();
        foreach (Corruption corruption in Corruption.All.Where(c => !c.IsElsewhere))
        {
            for (int i = 0; i < 3; i++)
            {
                if (corruption.Apply(second[i]) is { } changed)
                {
                    SegmentReport[] reports = Verify(s_keys, [.. first, .. With(second, i, changed)]);
                    Assert.All(reports, r => Assert.Equal(r.Frame == first.Length + i + 1, r.Verdict != SegmentVerdict.Valid));
                }
            }
        }
    }

    [Fact]
    public void Pair_UsedFromTheOtherSide_BothConnectionsValid()
    {
        // the former server connects from its port 179 to port 40000
        byte[][] second = new AoSession(Key(sendId: 84, recvId: 61), 7, 8) { Client = "192.0.2.2", Server = "192.0.2.1", ClientPort = 179, ServerPort = 40000 }.Whole();

        AssertVerdicts(Verify(s_keys, [.. new AoSession(Key()).Whole(), .. second]));
    }

    [Fact]
    public void Pair_UsedAgainWithAnotherChain_BothConnectionsValid()
    {
        byte[][] second = new AoSession(Key(secret: "second", name: "core2/1"), 7, 8).Whole();

        AssertVerdicts(Verify(Chains([Key()], [Key(secret: "second", name: "core2/1")]), [.. new AoSession(Key()).Whole(), .. second]));
    }

    [Fact]
    public void LateSegments_OfTheConnectionBefore_BadWithThatHint()
    {
        byte[][] first = new AoSession(Key()).Whole();
        byte[][] second = new AoSession(Key(), 0x1234, 0xFFFF_FFFF).Whole();

        // between SYN and final ACK the old connection still lives
        SegmentReport[] reports = Verify(s_keys, [.. first, second[0], first[^1], second[1], first[^2], .. second[2..8], first[5], first[1], .. second[8..], first[3]]);

        int late = first.Length + 4 + 6 + 1;
        AssertVerdicts(reports, (late, SegmentVerdict.BadMac), (reports.Length, SegmentVerdict.BadMac));
        Assert.Equal("earlier-connection", reports[late - 1].Hint!.Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(2)]
    [InlineData(0, 1, 2)]
    [InlineData(0, 1, 2, 3, 4)]
    [Trait("Requirement", "R-074")]
    public void Handshake_OfAnUnseenConnectionReplayedIntoALiveOne_LiveOneUntouched(params int[] replayed)
    {
        byte[][] live = new AoSession(Key()).Whole(6);
        byte[][] old = new AoSession(Key(), 0x4444_0000, 0xCCCC_0000).Whole(2);

        for (int at = 3; at < live.Length - 3; at++)
        {
            SegmentReport[] reports = Verify(s_keys, [.. live[..at], .. replayed.Select(i => old[i]), .. live[at..]]);

            Assert.All(reports[..at], r => Assert.Equal(SegmentVerdict.Valid, r.Verdict));
            Assert.All(reports[(at + replayed.Length)..], r => Assert.Equal(SegmentVerdict.Valid, r.Verdict));
        }
    }

    [Fact]
    public void Connection_OfTheSameCaptureReplayedAsAWhole_LiveOneUntouched()
    {
        byte[][] old = new AoSession(Key(), 0x4444_0000, 0xCCCC_0000).Whole();
        byte[][] live = new AoSession(Key()).Whole(6);

        SegmentReport[] reports = Verify(s_keys, [.. old, .. live[..9], .. old, .. live[9..]]);

        // its SYN and SYN-ACK hold all that their MACs need
        int start = old.Length + 9;
        AssertVerdicts(reports, [.. Enumerable.Range(start + 3, old.Length - 2).Select(frame => (frame, SegmentVerdict.BadMac))]);
    }

    [Fact]
    public void ManyReplayedHandshakes_BetweenAHandshakeAndItsData_NewConnectionValid()
    {
        byte[][] first = new AoSession(Key()).Whole();
        byte[][] second = new AoSession(Key(), 7, 8).Whole();
        byte[][] replays = [.. Enumerable.Range(0, 3).Select(i => new AoSession(Key(), (uint)i << 16, (uint)i << 17).Handshake()[1])];

        AssertVerdicts(Verify(s_keys, [.. first, second[0], second[1], .. replays, .. second[2..]]));
        AssertVerdicts(Verify(s_keys, [.. first, second[0], second[1], .. replays, .. second[3..]]));
    }

    [Fact]
    public void UnsignedConnection_BeforeASignedOne_NotTcpAo()
    {
        byte[][] plain = new AoSession(null, 1, 2).Whole();
        byte[][] signed = new AoSession(Key()).Whole();

        AssertVerdicts(Verify(s_keys, [.. plain, .. signed]), Frames(1, plain.Length, SegmentVerdict.NotTcpAo));
        AssertVerdicts(Verify(s_keys, [.. signed, .. plain]), Frames(signed.Length + 1, plain.Length, SegmentVerdict.NotTcpAo));
        AssertVerdicts(Verify(s_keys, [.. signed, .. plain[..1], .. plain[2..]]), Frames(signed.Length + 1, plain.Length - 1, SegmentVerdict.NotTcpAo));
    }

    [Fact]
    public void UnsignedConnection_AfterASignedOneWithoutItsHandshake_NotTcpAo()
    {
        byte[][] plain = new AoSession(null, 1, 2).Whole();
        byte[][] signed = new AoSession(Key()).Whole()[4..];

        AssertVerdicts(
            Verify(s_keys, [.. signed, .. plain]),
            [.. Frames(1, signed.Length, SegmentVerdict.Unverifiable), .. Frames(signed.Length + 1, plain.Length, SegmentVerdict.NotTcpAo)]);
    }

    [Fact]
    public void UnsignedSegments_InASignedConnection_Unsigned()
    {
        byte[][] signed = new AoSession(Key()).Whole();
        var stranger = new AoSession(null, 0x1000_0000, 0x9000_0000);
        byte[] syn = stranger.Syn();
        byte[] synAck = stranger.SynAck();
        byte[] rst = stranger.Rst(true);

        for (int at = 0; at <= signed.Length; at++)
        {
            // before its SYN there is no connection that they could be of
            SegmentVerdict verdict = at == 0 ? SegmentVerdict.NotTcpAo : SegmentVerdict.Unsigned;
            AssertVerdicts(Verify(s_keys, [.. signed[..at], rst, .. signed[at..]]), (at + 1, verdict));
            AssertVerdicts(Verify(s_keys, [.. signed[..at], synAck, .. signed[at..]]), (at + 1, verdict));
            AssertVerdicts(Verify(s_keys, [.. signed[..at], syn, .. signed[at..]]), (at + 1, SegmentVerdict.Unsigned));
        }
    }

    [Fact]
    public void UnsignedSegments_WhereTheCaptureIsReadOnce_WhatCameBeforeCounts()
    {
        byte[][] signed = new AoSession(Key()).Whole();
        byte[] rst = new AoSession(null).Rst(true);

        AssertVerdicts(Verify(s_keys, [rst, .. signed, rst], lookAhead: false), (1, SegmentVerdict.NotTcpAo), (signed.Length + 2, SegmentVerdict.Unsigned));
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public void Capture_FromTheMiddle_UnverifiableUntilANewHandshake()
    {
        byte[][] old = new AoSession(Key(), 0x7777_0000, 0x5555_0000).Whole()[5..];
        byte[][] fresh = new AoSession(Key()).Whole();

        SegmentReport[] reports = Verify(s_keys, [.. old, .. fresh]);

        AssertVerdicts(reports, Frames(1, old.Length, SegmentVerdict.Unverifiable));
        Assert.All(reports[..old.Length], r => Assert.Equal((DropReason.IsnUnknown, null, null), (r.Reason, r.Key, r.Sne)));
    }

    [Fact]
    public void Segments_BeforeTheHandshakeOfTheirConnection_Valid()
    {
        byte[][] p = new AoSession(Key()).Whole();

        AssertVerdicts(Verify(s_keys, [p[4], p[3], p[0], p[1], p[2], .. p[5..]]));
        AssertVerdicts(Verify(s_keys, [.. p[3..], .. p[..3]]));
    }

    [Fact]
    public void Isns_Told_VerifiesFromTheMiddle()
    {
        var session = new AoSession(Key(), 0xFFFF_FF00, 0x8000_0000);
        byte[][] packets = [.. session.Handshake()[3..], .. session.Skip(true, 0x100).Exchange(), session.Rst(true)];

        AssertVerdicts(Verify(s_keys, packets, session.Isns()));
        AssertVerdicts(Verify(s_keys, packets, session.Isns() with { Pair = session.Pair.Reversed, LocalIsn = session.ServerIsn, RemoteIsn = session.ClientIsn }));
        AssertVerdicts(Verify(s_keys, packets[1..], session.Isns()));
        AssertVerdicts(Verify(s_keys, packets[2..], session.Isns(1, 0)));

        SegmentReport[] wrong = Verify(s_keys, packets, session.Isns() with { LocalIsn = 5 });
        Assert.All(wrong, r => Assert.Equal(SegmentVerdict.BadMac, r.Verdict));
    }

    [Fact]
    [Trait("Requirement", "R-053")]
    public void Isns_ToldWithSneAndARetransmissionFromBeforeTheWrapFirst_AllValid()
    {
        var session = new AoSession(Key(), 0x8000_0000, 5);
        session.Handshake();
        session.Skip(true, 0x7FFF_FF00).Skip(false, 0x7000_0000).Skip(false, 0x7000_0000).Skip(false, 0x7000_0000);
        byte[] before = session.Data(true, 200);
        byte[] over = session.Data(true, 100);
        byte[][] rest = session.Exchange();

        AssertVerdicts(Verify(s_keys, [before, over, .. rest, before], session.Isns(1, 1)));
        AssertVerdicts(Verify(s_keys, [over, before, .. rest], session.Isns(0, 1)));
    }

    [Fact]
    public void Isns_ToldAndTheFirstSegmentChanged_RestValid()
    {
        var session = new AoSession(Key());
        session.Handshake();
        byte[][] packets = session.Skip(true, 500).Exchange();
        foreach (Corruption corruption in Corruption.All.Where(c => !c.IsElsewhere))
        {
            if (corruption.Apply(packets[0]) is { } changed)
            {
                SegmentReport[] reports = Verify(s_keys, With(packets, 0, changed), session.Isns());
                Assert.All(reports, r => Assert.Equal(r.Frame == 1, r.Verdict != SegmentVerdict.Valid));
                Assert.NotEqual(SegmentVerdict.Unverifiable, reports[0].Verdict);
            }
        }
    }

    [Fact]
    public void Connections_ThreeHundredThousand_OnlyBoundedManyRemembered()
    {
        var quiet = new AoSession(Key());
        byte[][] start = quiet.Handshake();
        var verifier = new CaptureVerifier(s_keys);
        long frame = 0;
        foreach (byte[] packet in start)
        {
            Assert.True(verifier.TryVerify(++frame, packet, out SegmentReport report) && report.Verdict == SegmentVerdict.Valid);
        }

        byte[] strange = new AoSession(null).Syn();
        byte[] unknown = new AoSession(Key(secret: "unknown")) { Server = "198.51.100.1" }.Ack(true);
        int most = 0;
        for (int i = 0; i < 300_000; i++)
        {
            byte[] packet = i % 2 == 0 ? strange : unknown;
            packet[13] = (byte)(i >> 16);
            packet[14] = (byte)(i >> 8);
            packet[15] = (byte)i;
            verifier.TryVerify(++frame, packet, out _);
            most = Math.Max(most, verifier.RememberedConnections);
        }

        Assert.InRange(most, 1, 50_000);
        Assert.Equal(300_001, verifier.ConnectionCount);
        Assert.True(verifier.TryVerify(++frame, quiet.Data(true), out SegmentReport late));
        Assert.Equal(SegmentVerdict.Valid, late.Verdict);
    }

    private static (int Frame, SegmentVerdict Verdict)[] Frames(int first, int count, SegmentVerdict verdict) =>
        [.. Enumerable.Range(first, count).Select(frame => (frame, verdict))];
}
