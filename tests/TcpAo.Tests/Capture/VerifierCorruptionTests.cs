using FsCheck;
using FsCheck.Fluent;
using TcpAo.Capture;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using Xunit;
using static TcpAo.Tests.Support.CaptureBuilder;

namespace TcpAo.Tests.Capture;

/// <summary>One segment changed on the path: it and no other is not valid, and a changed handshake poisons nothing.</summary>
public sealed class VerifierCorruptionTests
{
    public static TheoryData<string> Corruptions => [.. Corruption.All.Select(corruption => corruption.Name)];

    [Theory]
    [MemberData(nameof(Corruptions))]
    [Trait("Requirement", "R-074")]
    public void Segment_ChangedAnywhere_OnlyItIsNotValid(string name)
    {
        Corruption corruption = Corruption.Named(name);
        AoKey key = Key();
        foreach (byte[][] packets in (byte[][][])[
            new AoSession(key, 0xFFFF_FFFF, 0xFFFF_FFC0).Whole(2),
            new AoSession(key) { Client = "2001:db8::1", Server = "2001:db8::2" }.Whole(1),
            Simultaneous(key)])
        {
            for (int i = 0; i < packets.Length; i++)
            {
                AssertOnlyThatFrame(Chain(key), packets, i, corruption, corruption.IsElsewhere);
            }
        }
    }

    [Fact]
    [Trait("Requirement", "R-012")]
    public void Options_ChangedWhereTheyAreNotCovered_StillValid()
    {
        AoKey key = Key(options: false);
        byte[][] packets = new AoSession(key).Whole();
        Corruption option = Corruption.Named("option-value");
        for (int i = 0; i < packets.Length; i++)
        {
            // the last option byte of a SYN is the length of SACK-permitted
            SegmentReport[] reports = Verify(Chain(key), With(packets, i, option.Apply(packets[i])!));
            Assert.All(reports, r => Assert.True(r.Verdict == SegmentVerdict.Valid || (r.Frame == i + 1 && r.Verdict == SegmentVerdict.Malformed)));
        }
    }

    [Fact]
    public void Handshake_AllOfItChanged_RestUnverifiable()
    {
        byte[][] packets = new AoSession(Key()).Whole(1);
        foreach (int i in (int[])[0, 1, 2, 3])
        {
            packets[i][20 + 20 + 8] ^= 1; // the MAC
        }

        SegmentReport[] reports = Verify(Chain(Key()), packets);

        Assert.All(reports[..2], r => Assert.Equal(SegmentVerdict.BadMac, r.Verdict));
        Assert.All(reports[2..], r => Assert.Equal((SegmentVerdict.Unverifiable, DropReason.IsnUnknown, null), (r.Verdict, r.Reason, r.Key)));
    }

    [Fact]
    public void Segments_RandomlyChanged_NoHint()
    {
        byte[][] packets = new AoSession(Key()).Whole();
        foreach (Corruption corruption in Corruption.All.Where(c => !c.IsElsewhere))
        {
            for (int i = 0; i < packets.Length; i++)
            {
                if (corruption.Apply(packets[i]) is { } changed)
                {
                    Assert.Null(Verify(Chain(Key(), Key(sendId: 1, recvId: 2, secret: "x", name: "core/2")), With(packets, i, changed))[i].Hint);
                }
            }
        }
    }

    [Fact]
    public void Sessions_RandomWithOneRandomBitChanged_OnlyThatFrameIsNotValid()
    {
        Gen<Sample> samples =
            from algorithm in Gen.Elements(MacAlgorithms.All.Where(a => !a.IsTcpMd5).ToArray())
            from clientIsn in Gen.OneOf(Gen.Choose(0, int.MaxValue).Select(i => (uint)i * 2), Gen.Choose(0, 600).Select(i => uint.MaxValue - (uint)i))
            from serverIsn in Gen.OneOf(Gen.Choose(0, int.MaxValue).Select(i => (uint)i * 2), Gen.Choose(0, 600).Select(i => uint.MaxValue - (uint)i))
            from ipv6 in Gen.Elements(true, false)
            from steps in Gen.Choose(0, 9).ListOf().Resize(25)
            from frame in Gen.Choose(0, 1000)
            from bit in Gen.Choose(0, 10000)
            select new Sample(algorithm, clientIsn, serverIsn, ipv6, [.. steps], frame, bit);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(samples.ToArbitrary(), sample =>
        {
            AoKey[] keys = [Key(sample.Algorithm), Key(MacAlgorithms.HmacSha1, 1, 2, "two", 8, name: "core/2")];
            byte[][] packets = sample.Packets(keys);
            AssertVerdicts(Verify(Chain(keys), packets));

            int frame = sample.Frame % packets.Length;
            int tcp = sample.IsIPv6 ? 40 : 20;
            int bits = (packets[frame].Length - tcp) * 8;
            int bit = sample.Bit % bits;
            byte[] changed = Changed(packets[frame], p => p[tcp + (bit / 8)] ^= (byte)(0x80 >> (bit % 8)));
            SegmentReport[] reports = Verify(Chain(keys), With(packets, frame, changed));
            bool isChecksum = bit / 8 is 16 or 17;
            bool isPort = bit / 8 < 4;
            Assert.Equal(packets.Length, reports.Length);
            Assert.All(reports, r => Assert.Equal(r.Frame != frame + 1 || isChecksum, r.Verdict == SegmentVerdict.Valid));
            Assert.True(isPort || reports[frame].Verdict != SegmentVerdict.Unverifiable, reports[frame].ToString());
        }));
    }

    private static byte[][] Simultaneous(AoKey key)
    {
        var session = new AoSession(key, 0xFFFF_FFF0, 3);
        return [session.Syn(true), session.Syn(false), session.SynAck(true), session.SynAck(false), .. session.Exchange(1)];
    }

    private static void AssertOnlyThatFrame(CaptureKeys keys, byte[][] packets, int index, Corruption corruption, bool mayBeUnverifiable)
    {
        if (corruption.Apply(packets[index]) is not { } changed)
        {
            return;
        }

        SegmentReport[] reports = Verify(keys, With(packets, index, changed));
        string what = $"{corruption} of frame {index + 1}";
        Assert.Equal(packets.Length, reports.Length);
        foreach (SegmentReport report in reports)
        {
            bool isIt = report.Frame == index + 1;
            Assert.True(isIt != (report.Verdict == SegmentVerdict.Valid), $"{what}: frame {report.Frame} is {report.Verdict}");
            Assert.True(!isIt || mayBeUnverifiable || report.Verdict != SegmentVerdict.Unverifiable, $"{what}: {report.Verdict}");
            Assert.NotEqual(SegmentVerdict.NotTcpAo, report.Verdict);
        }
    }

    private sealed record Sample(MacAlgorithm Algorithm, uint ClientIsn, uint ServerIsn, bool IsIPv6, int[] Steps, int Frame, int Bit)
    {
        public byte[][] Packets(AoKey[] keys)
        {
            var session = new AoSession(keys[0], ClientIsn, ServerIsn) { Client = IsIPv6 ? "2001:db8::1" : "192.0.2.1", Server = IsIPv6 ? "2001:db8::2" : "192.0.2.2" };
            var packets = new List<byte[]>(session.Handshake());
            foreach (int step in Steps)
            {
                switch (step)
                {
                    case 0:
                        session.ClientKey = session.ClientKey == keys[0] ? keys[1] : keys[0];
                        break;
                    case 1:
                        session.ServerKey = session.ServerKey == keys[0] ? keys[1] : keys[0];
                        break;
                    case 2:
                        packets.Add(session.Skip(true, 0x3000_0000).Data(true)); // twice as much, when one is changed, is still below 2^31
                        break;
                    case 3:
                        packets.Add(packets[^1]);
                        break;
                    case 4:
                        packets.Add(session.Ack(true));
                        break;
                    default:
                        packets.Add(session.Data(step % 2 == 0, step * 13));
                        break;
                }
            }

            return [.. packets];
        }
    }
}
