using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>What the engine refuses, and that a refusal leaves no trace but in counters (RFC 5925 sections 7.3, 7.5 and 10).</summary>
public sealed class RefusalTests
{
    private static readonly KeyBoth s_key = KeyBoth.Of();
    private static readonly KeyBoth s_wrong = KeyBoth.Of(secret: "another secret");

    [Fact]
    [Trait("Requirement", "R-061")]
    [Trait("Requirement", "R-074")]
    public void Segment_MacWrong_IsRefused()
    {
        Duo duo = new Duo().Open();
        byte[] good = duo.Client.SendSigned(duo.FromClient(0));
        byte[] bad = [.. good];
        bad[^1] ^= 1;
        duo.Server.MustRefuse(bad, DropReason.MacMismatch);
        duo.Server.MustTake(good);
    }

    [Fact]
    [Trait("Requirement", "R-070")]
    [Trait("Requirement", "R-074")]
    public void Syn_MacWrong_IsRefusedAndNotRemembered()
    {
        var duo = new Duo(TestSource.Of(s_wrong.Client), TestSource.Of(s_key.Server));
        duo.Server.MustRefuse(duo.Client.SendSigned(duo.Syn), DropReason.MacMismatch);
        Assert.Empty(duo.Server.Engine.Connections);
    }

    [Fact]
    [Trait("Requirement", "R-061")]
    public void SynAck_MacWrong_IsRefusedAndTheRightOneStillOpens()
    {
        var duo = new Duo();
        var forger = new Duo(s_wrong);
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        forger.Server.MustTake(forger.Client.SendSigned(forger.Syn));
        duo.Client.MustRefuse(forger.Server.SendSigned(forger.SynAck), DropReason.MacMismatch);
        duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(16)]
    [Trait("Requirement", "R-072")]
    public void Segment_MacLengthWrong_IsRefusedBeforeAnyMac(int macLength)
    {
        var other = new Duo(KeyBoth.Of(macLength: macLength));
        var duo = new Duo();
        byte[] syn = other.Client.SendSigned(other.Syn);
        duo.Server.MustRefuse(syn, DropReason.MacLengthMismatch);
        Assert.Null(duo.Server.Engine.FindConnection(duo.Server.Pair));

        other.Open();
        duo.Open();
        duo.Server.MustRefuse(other.Client.SendSigned(other.FromClient(0)), DropReason.MacLengthMismatch);
        AoEvent last = duo.Server.Events[^1];
        Assert.Equal((AoEventKind.WrongMacLength, macLength), (last.Kind, last.MacLength));
        Assert.Equal(2ul, duo.Server.Engine.Counters.Bad);
        Assert.Equal(2ul, duo.Server.Engine.GetKeyCounters(duo.Server.Connection.CurrentKey!).Bad);
    }

    [Fact]
    [Trait("Requirement", "R-072")]
    public void Segment_WithoutAnyMac_IsRefused()
    {
        Duo duo = new Duo().Open();
        byte[] packet = (duo.FromClient(0) with { Options = Packets.AoOption(0) }).ToPacket();
        duo.Server.MustRefuse(packet, DropReason.MacLengthMismatch);
    }

    [Fact]
    [Trait("Requirement", "R-062")]
    public void Segment_KeyIdUnknown_IsRefused()
    {
        Duo duo = new Duo().Open();
        byte[] packet = (duo.FromClient(0) with { Options = Packets.AoOption(12, keyId: 7) }).ToPacket();
        duo.Server.MustRefuse(packet, DropReason.KeyNotFound);
        Assert.Equal(1ul, duo.Server.Engine.Counters.KeyNotFound);
    }

    [Theory]
    [InlineData(UnknownKeyAction.Drop, PeerMode.Required, false)]
    [InlineData(UnknownKeyAction.Accept, PeerMode.Required, false)]
    [InlineData(UnknownKeyAction.Drop, PeerMode.Optional, false)]
    [InlineData(UnknownKeyAction.Accept, PeerMode.Optional, true)]
    [Trait("Requirement", "R-062")]
    [Trait("Requirement", "R-071")]
    public void Syn_KeyIdUnknown_PassesUnsignedOnlyUnderTheRfcsPolicy(UnknownKeyAction action, PeerMode mode, bool passes)
    {
        var policy = new ConnectionPolicy("peer", new KeyRing(s_key.Server)) { UnknownKey = action, Mode = mode };
        var duo = new Duo(TestSource.None, new TestSource(policy));
        byte[] syn = (duo.Syn with { Options = Packets.AoOption(12, keyId: 7) }).ToPacket();
        if (!passes)
        {
            duo.Server.MustRefuse(syn, DropReason.KeyNotFound);
            return;
        }

        duo.Server.MustTake(syn);
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.SynAck)));
        Assert.Equal(Protection.Unsigned, duo.Server.Connection.Protection);
    }

    [Fact]
    [Trait("Requirement", "R-062")]
    public void SynAck_KeyIdUnknown_LeavesTheConnectionUnsignedUnderTheRfcsPolicy()
    {
        var policy = new ConnectionPolicy("peer", new KeyRing(s_key.Client)) { UnknownKey = UnknownKeyAction.Accept, Mode = PeerMode.Optional };
        var duo = new Duo(new TestSource(policy), TestSource.None);
        duo.Client.SendSigned(duo.Syn);
        duo.Client.MustTake((duo.SynAck with { Options = Packets.AoOption(12, keyId: 7) }).ToPacket());
        Assert.Equal(Protection.Unsigned, duo.Client.Connection.Protection);
        Assert.False(EngineEnd.IsSigned(duo.Client.Send(duo.FinalAck)));
    }

    [Fact]
    [Trait("Requirement", "R-062")]
    public void Segment_KeyIdUnknownOnASignedConnection_IsRefusedUnderAnyPolicy()
    {
        var policy = new ConnectionPolicy("peer", new KeyRing(s_key.Server)) { UnknownKey = UnknownKeyAction.Accept, Mode = PeerMode.Optional };
        Duo duo = new Duo(TestSource.Of(s_key.Client), new TestSource(policy)).Open();
        duo.Server.MustRefuse((duo.FromClient(0) with { Options = Packets.AoOption(12, keyId: 7) }).ToPacket(), DropReason.KeyNotFound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-062")]
    [Trait("Requirement", "R-068")]
    public void Segment_SignedWithoutAnyKeys_DropsOrIsStripped(bool drop)
    {
        var duo = new Duo(TestSource.Of(s_key.Client), TestSource.None, options: new AoEngineOptions { DropAoWithoutKeys = drop });
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        AoDecision decision = duo.Server.Receive(syn);
        Assert.Equal(drop ? AoDecision.Drop(DropReason.KeyNotFound) : AoDecision.Rewrite(duo.Syn.ToPacket().Length), decision);
        Assert.Equal(AoDecision.Pass, duo.Server.Receive(duo.Syn.ToPacket()));
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.SynAck)));
    }

    [Fact]
    [Trait("Requirement", "R-066")]
    public void Segment_Unsigned_IsRefusedInEveryState()
    {
        var duo = new Duo();
        duo.Server.MustRefuse(duo.Syn.ToPacket(), DropReason.AoRequired);
        duo.Server.MustRefuse(duo.FinalAck.ToPacket(), DropReason.AoRequired);
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        duo.Server.MustRefuse(duo.FinalAck.ToPacket(), DropReason.AoRequired);
        duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
        duo.Server.MustRefuse(duo.FinalAck.ToPacket(), DropReason.AoRequired);
        duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        duo.Server.MustRefuse(duo.FromClient(0).ToPacket(), DropReason.AoRequired);
        duo.Server.MustRefuse(duo.Syn.ToPacket(), DropReason.AoRequired);
        duo.Server.MustRefuse(duo.FromClient(0, 0, TcpFlags.Rst).ToPacket(), DropReason.AoRequired);
        duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);
        duo.Server.MustRefuse(duo.FromClient(0).ToPacket(), DropReason.AoRequired);

        // the handshake that was signed and does not end so counts as bad
        Assert.Equal((7ul, 1ul), (duo.Server.Engine.Counters.Required, duo.Server.Engine.Counters.Bad));
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public void Segment_WithoutKnownIsns_IsRefusedAndNotSent()
    {
        Duo duo = new Duo().Open();
        byte[] data = duo.Client.SendSigned(duo.FromClient(0));
        var rebooted = new EngineEnd(duo.Server.Pair, duo.Server.Keys);
        rebooted.MustRefuse(data, DropReason.IsnUnknown);
        Assert.Null(rebooted.Send(duo.FromServer(0, 0, TcpFlags.Rst)));
        Assert.Equal(DropReason.IsnUnknown, rebooted.Last.Reason);
        Assert.Null(rebooted.Send(duo.FromServer(0)));
        Assert.Equal(AoEventKind.NotSent, rebooted.Events[^1].Kind);
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public void Syn_ToAClosedPort_GetsNoReset()
    {
        var duo = new Duo();
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        Assert.Null(duo.Server.Send(new TestSegment(duo.Server.Pair, TcpFlags.Rst | TcpFlags.Ack, 0, duo.ClientIsn + 1)));
        Assert.Equal(DropReason.IsnUnknown, duo.Server.Last.Reason);
    }

    [Theory]
    [InlineData(DropReason.AoDuplicate)]
    [InlineData(DropReason.AoWithMd5)]
    [InlineData(DropReason.AoLength)]
    [InlineData(DropReason.TcpOptionLength)]
    [Trait("Requirement", "R-002")]
    [Trait("Requirement", "R-003")]
    [Trait("Requirement", "R-004")]
    public void Segment_OptionsMalformed_IsRefusedWithItsReason(DropReason reason)
    {
        byte[] options = reason switch
        {
            DropReason.AoDuplicate => [.. Packets.AoOption(12), .. Packets.AoOption(12)],
            DropReason.AoWithMd5 => [.. Packets.AoOption(12), .. Packets.Md5Option],
            DropReason.AoLength => [29, 3, 1, 1],
            _ => [8, 1, 0, 0],
        };
        Duo duo = new Duo().Open();
        duo.Server.MustRefuse((duo.FromClient(0) with { Options = options }).ToPacket(), reason);
        Assert.Equal((AoEventKind.BadHeader, reason), (duo.Server.Events[^1].Kind, duo.Server.Events[^1].Reason));
        Assert.Null(duo.Client.Send(duo.FromClient(0) with { Options = options }));
        Assert.Equal(reason, duo.Client.Last.Reason);
        duo.Exchange();
    }

    [Fact]
    [Trait("Requirement", "R-099")]
    public void Segment_WithTcpMd5_IsRefusedOnAConnectionWithTcpAo()
    {
        Duo duo = new Duo().Open();
        duo.Server.MustRefuse((duo.FromClient(0) with { Options = Packets.Md5Option }).ToPacket(), DropReason.Md5Unexpected);
        Assert.Equal(AoEventKind.Md5Unexpected, duo.Server.Events[^1].Kind);
        Assert.Null(duo.Client.Send(duo.FromClient(0) with { Options = Packets.Md5Option }));
        Assert.Equal(DropReason.AoWithMd5, duo.Client.Last.Reason);
    }

    [Fact]
    [Trait("Requirement", "R-003")]
    public void Segment_AlreadySignedByTheStack_IsHeldBack()
    {
        Duo duo = new Duo().Open();
        Assert.Null(duo.Client.Send(duo.FromClient(0) with { Options = Packets.AoOption(12) }));
        Assert.Equal(DropReason.AoDuplicate, duo.Client.Last.Reason);
    }

    [Fact]
    [Trait("Requirement", "R-083")]
    public void Segment_WithoutRoomForTheOption_IsHeldBack()
    {
        Duo duo = new Duo().Open();
        byte[] full = [254, 40, .. new byte[38]];
        Assert.Null(duo.Client.Send(duo.FromClient(0) with { Options = full }));
        Assert.Equal(DropReason.OptionSpace, duo.Client.Last.Reason);
        duo.Server.MustTake(duo.Client.SendSigned(duo.FromClient(0) with { Options = [.. Packets.PaddedTimestamps, .. Packets.PaddedSack(3)] }));
    }
}
