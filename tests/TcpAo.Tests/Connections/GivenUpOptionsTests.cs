using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>Fast Open and Multipath TCP do without their options on a signed connection; nothing else is given up unasked .</summary>
public sealed class GivenUpOptionsTests
{
    private static readonly byte[] s_cookieRequest = [34, 2, 1, 1];
    private static readonly byte[] s_cookie = [34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1];
    private static readonly byte[] s_experimentalCookie = [254, 12, 0xF9, 0x89, 1, 2, 3, 4, 5, 6, 7, 8];
    private static readonly byte[] s_capable = [30, 4, 0x01, 0x00];
    private static readonly byte[] s_otherExperiment = [254, 4, 0x12, 0x34];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-131")]
    public void Syn_AskingForFastOpenAndMultipath_LeavesSignedWithoutThemAndSaysSo(bool isIPv6)
    {
        var duo = new Duo(pair: isIPv6 ? Duo.IPv6 : Duo.IPv4);
        foreach (byte[] option in (byte[][])[s_cookieRequest, s_cookie, s_experimentalCookie])
        {
            byte[] data = [1, 2, 3, 4, 5];
            byte[] sent = duo.Client.SendSigned(duo.Syn with { Options = [.. Packets.Mss, .. s_capable, .. option, .. Packets.PaddedTimestamps], Payload = data });
            TcpPacket.TryParse(sent, out TcpPacket packet);
            Assert.Equal([TcpOptionKind.TcpAo, TcpOptionKind.MaximumSegmentSize, TcpOptionKind.Timestamps], Kinds(packet));
            Assert.Equal(data, packet.Payload);
            duo.Server.MustTake(sent);
        }

        Assert.Equal(3, duo.Client.Kinds.Count(kind => kind == AoEventKind.FastOpenGivenUp));
        Assert.Equal(3, duo.Client.Kinds.Count(kind => kind == AoEventKind.MultipathGivenUp));
        duo.Open().Exchange();
        Assert.Equal(3, duo.Client.Kinds.Count(kind => kind == AoEventKind.FastOpenGivenUp));
    }

    [Fact]
    [Trait("Requirement", "R-083")]
    public void Options_OfOtherKinds_StayOrHoldTheSegmentBack()
    {
        var duo = new Duo();
        TcpPacket.TryParse(duo.Client.SendSigned(duo.Syn with { Options = [.. Packets.Mss, .. s_otherExperiment] }), out TcpPacket packet);
        Assert.Contains((TcpOptionKind)254, Kinds(packet));

        byte[] full = [.. Packets.Mss, 254, 24, 0x12, 0x34, .. new byte[20]];
        Assert.Null(duo.Client.Send(duo.Syn with { Options = full }));
        Assert.Equal(DropReason.OptionSpace, duo.Client.Last.Reason);
        Assert.Equal(DropReason.OptionSpace, duo.Client.Events[^1].Reason);
        Assert.Equal(AoEventKind.NotSent, duo.Client.Events[^1].Kind);
    }

    [Fact]
    public void Segment_OfAnUnsignedConnection_KeepsThem()
    {
        var duo = new Duo(TestSource.None, TestSource.None);
        byte[] syn = (duo.Syn with { Options = [.. Packets.Mss, .. s_capable, .. s_cookie] }).ToPacket();
        Assert.Equal(syn, duo.Client.Send(syn));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [Trait("Requirement", "R-131")]
    public void SynData_ThatArrives_IsLeftForThePeerToSendAgain(bool isIPv6, bool strips)
    {
        // whoever recorded the SYN may send it again: its data must not get to a program each time
        var options = new AoEngineOptions { HoldSynData = true, StripVerified = strips };
        KeyBoth key = KeyBoth.Of();
        SocketPair pair = isIPv6 ? Duo.IPv6 : Duo.IPv4;
        var duo = new Duo(new EngineEnd(pair, TestSource.Of(key.Client)), new EngineEnd(pair.Reversed, TestSource.Of(key.Server), options));
        byte[] syn = duo.Client.SendSigned(duo.Syn with { Payload = [1, 2, 3, 4, 5] });
        byte[] taken = [.. syn];
        AoDecision decision = duo.Server.Engine.ProcessInbound(taken, taken.Length, new SegmentContext(duo.Server.Time));
        Assert.Equal(AoVerdict.Rewrite, decision.Verdict);
        Packets.AssertSound(taken.AsSpan(0, decision.Length));
        TcpPacket.TryParse(taken.AsSpan(0, decision.Length), out TcpPacket packet);
        Assert.Equal((0, !strips), (packet.Payload.Length, packet.HasAo));
        Assert.Equal(duo.ClientIsn, packet.Sequence);

        // the handshake goes on, and the data come as those of any segment
        duo.Client.MustTake(duo.Server.Send(duo.SynAck));
        AoDecision data = duo.Server.Receive(duo.Client.SendSigned(duo.FromClient(0, 5)));
        Assert.Equal(strips ? AoVerdict.Rewrite : AoVerdict.Pass, data.Verdict);
    }

    private static TcpOptionKind[] Kinds(in TcpPacket packet)
    {
        List<TcpOptionKind> kinds = [];
        foreach (TcpOption option in new TcpOptionEnumerator(packet.Options))
        {
            if (option.Kind != TcpOptionKind.NoOperation)
            {
                kinds.Add(option.Kind);
            }
        }

        return [.. kinds];
    }
}
