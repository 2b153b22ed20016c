using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>TCP-AO is the last option to be worked on when a segment leaves and the first when one arrives, and no other option has a say in its keys.</summary>
public sealed class OptionOrderTests
{
    private const int TcpHeader = 20 + 20;
    private const int AoLength = 16;


    [Fact]
    [Trait("Requirement", "R-022")]
    public void Options_WhateverTheyHold_ChooseNoKeyToSignWith()
    {
        KeyBoth one = KeyBoth.Of(1, 11, secret: "first");
        KeyBoth two = KeyBoth.Of(2, 12, secret: "second");
        Duo duo = new Duo(TestSource.Of(one.Client, two.Client), TestSource.Of(one.Server, two.Server)).Open();
        byte[][] options = [[], Packets.PaddedTimestamps, [253, 4, 2, 12], [254, 4, 2, 2], [5, 10, 2, 2, 2, 2, 12, 12, 12, 12, 1, 1]];
        for (uint i = 0; i < options.Length; i++)
        {
            byte[] sent = duo.Client.SendSigned(duo.FromClient(i * 10) with { Options = options[i] });
            Assert.Equal(((byte)1, (byte)11), EngineEnd.Ids(sent));
            duo.Server.MustTake(sent);
        }
    }

    [Fact]
    [Trait("Requirement", "R-067")]
    [Trait("Requirement", "R-079")]
    [Trait("Requirement", "R-081")]
    public void Outbound_OptionsThatAreGivenUp_AreGoneBeforeTheMacIsMade()
    {
        // the other end checks the MAC over what it gets
        Duo duo = new();
        byte[] syn = duo.Client.SendSigned(duo.Syn with { Options = [.. Packets.Mss, 34, 2, 1, 1, .. Packets.PaddedTimestamps] });
        duo.Server.MustTake(syn);
        duo.Open();
        TestSegment plain = duo.FromClient(0) with { Options = [.. Packets.PaddedTimestamps, .. Packets.PaddedSack(3)] };
        byte[] sent = duo.Client.SendSigned(plain);
        TcpPacket.TryParse(sent, out TcpPacket packet);

        // 16 of TCP-AO, 12 of timestamps, 12 of one block
        Assert.Equal(60 + 20, sent.Length - plain.Payload.Length);
        Assert.Equal(AoLength, packet.MacLength + 4);
        duo.Server.MustTake(sent);
    }

    [Fact]
    [Trait("Requirement", "R-069")]
    public void Inbound_OptionsOfASegmentThatDoesNotVerify_AreNotWorkedOn()
    {
        Duo duo = new(options: new AoEngineOptions { ReserveOptionSpace = true, StripVerified = true });
        Assert.Equal(AoVerdict.Rewrite, duo.Server.Receive(duo.Client.SendSigned(duo.Syn)).Verdict);
        byte[] synAck = duo.Server.SendSigned(duo.SynAck);
        synAck[TcpHeader + 4] ^= 1;
        Packets.FixChecksums(synAck);
        byte[] arrived = [.. synAck];
        AoDecision decision = duo.Client.Engine.ProcessInbound(arrived, arrived.Length, new SegmentContext(duo.Client.Time, RouteMtu: 1500));
        Assert.Equal(AoDecision.Drop(DropReason.MacMismatch), decision);
        Assert.Equal(synAck, arrived);

        // the same with a right MAC has its MSS lowered
        synAck[TcpHeader + 4] ^= 1;
        Packets.FixChecksums(synAck);
        decision = duo.Client.Engine.ProcessInbound(arrived = [.. synAck], synAck.Length, new SegmentContext(duo.Client.Time, RouteMtu: 1500));
        Assert.Equal(AoVerdict.Rewrite, decision.Verdict);
        Assert.NotEqual(synAck, arrived);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-012")]
    [Trait("Requirement", "R-014")]
    public void Options_ChangedOnTheWay_MatterInBothDirectionsOrInNone(bool included)
    {
        Duo duo = new Duo(KeyBoth.Of(includeTcpOptions: included)).Open();
        Offer(duo.Server, duo.Client.SendSigned(duo.FromClient(0)));
        Offer(duo.Client, duo.Server.SendSigned(duo.FromServer(0)));

        void Offer(EngineEnd to, byte[] packet)
        {
            // within the timestamps, which follow
            packet[TcpHeader + AoLength + 5] ^= 1;
            Packets.FixChecksums(packet);
            if (included)
            {
                to.MustRefuse(packet, DropReason.MacMismatch);
            }
            else
            {
                to.MustTake(packet);
            }
        }
    }
}
