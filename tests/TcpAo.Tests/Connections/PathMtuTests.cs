using TcpAo.Connections;
using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>A segment that its option makes too long for the path leaves as two .</summary>
public sealed class PathMtuTests
{
    private static readonly AoEngineOptions s_options = new() { ReserveOptionSpace = true };
    private static readonly KeyBoth s_key = KeyBoth.Of();

    [Theory]
    [InlineData(false, 1400, 1400)]
    [InlineData(false, 100, 552)]
    [InlineData(true, 1280, 1280)]
    [InlineData(true, 1000, 1280)]
    [Trait("Requirement", "R-086")]
    public void Segment_TooLongForThePath_LeavesAsTwoThatTheStackOfThePeerPutsTogether(bool isIPv6, uint named, int limit)
    {
        Duo duo = Open(isIPv6);
        TestSegment segment = FullSized(duo, isIPv6, limit) with { Flags = TcpFlags.Ack | TcpFlags.Psh | TcpFlags.Fin };
        Assert.Equal(limit, segment.ToPacket().Length);

        // the stack fills the path, and nobody has complained yet
        Assert.Equal(limit + 16, duo.Client.SendSigned(segment).Length);
        duo.Client.Receive(TooBig(duo.Client.Pair, duo.ClientIsn + 1, named));
        (byte[] first, byte[] rest) = Cut(duo, segment);
        Assert.False(EndsSigned(rest));
        byte[] second = duo.Client.Send(rest)!;
        Assert.All((byte[][])[first, second], part => Assert.True(part.Length <= limit));
        duo.Server.Receive(first);
        Assert.Equal(DropReason.None, duo.Server.Last.Reason);
        duo.Server.Receive(second);
        Assert.Equal(DropReason.None, duo.Server.Last.Reason);

        TcpPacket.TryParse(first, out TcpPacket one);
        TcpPacket.TryParse(second, out TcpPacket two);
        Assert.True(one.HasAo && two.HasAo);
        Assert.Equal((TcpFlags.Ack, TcpFlags.Ack | TcpFlags.Psh | TcpFlags.Fin), (one.Flags, two.Flags));
        Assert.Equal(one.Sequence + (uint)one.Payload.Length, two.Sequence);
        Assert.Equal(segment.Payload, (byte[])[.. one.Payload, .. two.Payload]);
        Assert.Equal(one.Acknowledgment, two.Acknowledgment);

        // ten minutes later it may be another path
        duo.Now += 600_000;
        Assert.Equal(limit + 16, duo.Client.SendSigned(segment).Length);
    }

    [Theory]
    [InlineData(10, 10, 0)]
    [InlineData(1000, 1000, 326)]
    [Trait("Requirement", "R-086")]
    public void Urgent_InASegmentThatIsCut_IsPointedAtWhileItIsAhead(ushort urgent, ushort ofFirst, ushort ofSecond)
    {
        Duo duo = Open(isIPv6: false);
        duo.Client.Receive(TooBig(duo.Client.Pair, duo.ClientIsn + 1, 1400));
        (byte[] first, byte[] rest) = Cut(duo, FullSized(duo, false, 1400) with { Flags = TcpFlags.Ack | TcpFlags.Urg, Urgent = urgent });
        TcpPacket.TryParse(first, out TcpPacket one);
        TcpPacket.TryParse(rest, out TcpPacket two);
        Assert.Equal((ofFirst, ofSecond), (UrgentOf(one), UrgentOf(two)));
        Assert.True((one.Flags & TcpFlags.Urg) != TcpFlags.None);
        Assert.Equal(ofSecond > 0, (two.Flags & TcpFlags.Urg) != TcpFlags.None);
    }

    [Fact]
    [Trait("Requirement", "R-094")]
    public void Error_ThatQuotesWhatWeNeverSent_CutsNothing()
    {
        Duo duo = Open(isIPv6: true);
        TestSegment segment = FullSized(duo, true, 1500);
        foreach (byte[] forged in (byte[][])
        [
            TooBig(duo.Client.Pair, duo.ClientIsn + 0x4000_0000, 1280),
            TooBig(duo.Client.Pair, duo.ClientIsn - 0x4000_0000, 1280),
            TooBig(duo.Client.Pair with { LocalPort = 1 }, duo.ClientIsn, 1280),
            TooBig(duo.Client.Pair, duo.ClientIsn, 0),
        ])
        {
            duo.Client.Receive(forged);
            Assert.Equal(1516, duo.Client.SendSigned(segment).Length);
            Assert.Equal(0, duo.Client.Last.RestLength);
        }
    }

    [Fact]
    [Trait("Requirement", "R-086")]
    public void Segment_TooLongForItsLink_LeavesAsTwo()
    {
        Duo duo = Open(isIPv6: false);
        (byte[] first, byte[] rest) = Cut(duo, FullSized(duo, false, 1500), routeMtu: 1500);
        Assert.True(first.Length <= 1500 && rest.Length + 16 <= 1500);
        duo.Server.Receive(first);
        Assert.Equal(DropReason.None, duo.Server.Last.Reason);
    }

    [Fact]
    public void Segment_WithoutRoomForTwo_LeavesAsOne()
    {
        Duo duo = Open(isIPv6: true);
        duo.Client.Receive(TooBig(duo.Client.Pair, duo.ClientIsn + 1, 1280));
        Assert.Equal(1516, duo.Client.SendSigned(FullSized(duo, true, 1500)).Length);
        Assert.Equal(0, duo.Client.Last.RestLength);
    }

    [Fact]
    public void Syn_TooLongWithItsData_LeavesWithFewerOfThem()
    {
        Duo duo = Open(isIPv6: true);
        duo.Client.Receive(TooBig(duo.Client.Pair, duo.ClientIsn + 1, 1280));
        byte[] sent = duo.Client.SendSigned(duo.Syn with { Sequence = 77, Payload = new byte[1220] });
        TcpPacket.TryParse(sent, out TcpPacket syn);
        Assert.Equal((1280, true), (sent.Length, syn.HasAo));
        Assert.Equal(0, duo.Client.Last.RestLength);
    }

    /// <summary>The MSS in the handshake is edited, which <see cref="Duo.Open"/> does not expect.</summary>
    private static Duo Open(bool isIPv6)
    {
        var duo = new Duo(s_key, isIPv6 ? Duo.IPv6 : Duo.IPv4, s_options);
        duo.Server.Receive(duo.Client.SendSigned(duo.Syn));
        duo.Client.Receive(duo.Server.SendSigned(duo.SynAck));
        duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        return duo;
    }

    private static TestSegment FullSized(Duo duo, bool isIPv6, int mtu)
    {
        int headers = (isIPv6 ? 40 : 20) + 20 + Packets.PaddedTimestamps.Length;
        return duo.FromClient(0, mtu - headers);
    }

    private static byte[] TooBig(SocketPair pair, uint sequence, uint mtu)
    {
        byte[] quoted = new TestSegment(pair, TcpFlags.Ack, sequence).ToPacket();
        bool isIPv6 = !pair.Remote.IsIPv4;
        return IcmpPackets.WithMtu(IcmpPackets.Wrap(pair, isIPv6 ? (byte)2 : (byte)3, isIPv6 ? (byte)0 : (byte)4, quoted), mtu);
    }

    private static (byte[] First, byte[] Unsigned) Cut(Duo duo, TestSegment segment, int routeMtu = 0)
    {
        byte[] packet = segment.ToPacket();
        byte[] buffer = Packets.WithRoom(packet, AoEngine.CutRoom);
        AoDecision decision = duo.Client.Engine.ProcessOutbound(buffer, packet.Length, new SegmentContext(duo.Client.Time, RouteMtu: routeMtu));
        Assert.Equal(AoVerdict.Rewrite, decision.Verdict);
        Assert.True(decision.RestLength > 0);
        byte[] first = buffer[..decision.Length];
        byte[] rest = buffer[^decision.RestLength..];
        Packets.AssertSound(first);
        Packets.AssertSound(rest);
        return (first, rest);
    }

    private static bool EndsSigned(byte[] packet)
    {
        TcpPacket.TryParse(packet, out TcpPacket parsed);
        return parsed.HasAo;
    }

    private static ushort UrgentOf(in TcpPacket packet) => (ushort)((packet.TcpHeader[18] << 8) | packet.TcpHeader[19]);
}
