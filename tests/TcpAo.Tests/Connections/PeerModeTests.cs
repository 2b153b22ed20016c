using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>The modes of a peer: a connection's segments are all signed or none is .</summary>
[Trait("Requirement", "R-075")]
public sealed class PeerModeTests
{
    private static readonly KeyBoth s_key = KeyBoth.Of();
    private static readonly KeyBoth s_wrong = KeyBoth.Of(secret: "wrong");

    private static Duo WithServer(PeerMode mode, IKeySource? client = null) => new(client ?? TestSource.Of(s_key.Client), TestSource.Of(mode, s_key.Server));

    private static Duo WithClient(PeerMode mode, IKeySource? server = null) => new(TestSource.Of(mode, s_key.Client), server ?? TestSource.Of(s_key.Server));

    [Theory]
    [InlineData(PeerMode.Optional)]
    [InlineData(PeerMode.Monitor)]
    public void Syn_Signed_MakesASignedConnection(PeerMode mode)
    {
        Duo duo = WithServer(mode).Open();
        duo.Exchange();
        Assert.Equal(Protection.Signed, duo.Server.Connection.Protection);
    }

    [Fact]
    public void Syn_UnsignedInOptionalMode_MakesAnUnsignedConnection()
    {
        Duo duo = WithServer(PeerMode.Optional, TestSource.None);
        duo.Server.MustTake(duo.Syn.ToPacket());
        Assert.Empty(duo.Server.Engine.Connections);
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.SynAck)));
        Assert.Equal(Protection.Unsigned, duo.Server.Connection.Protection);
        Assert.Contains(AoEventKind.Unprotected, duo.Server.Kinds);
        duo.Server.MustTake(duo.FinalAck.ToPacket());
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.FromServer(0))));
        duo.Server.MustTake(duo.FromClient(0).ToPacket());

        // nobody turns it into a signed one halfway
        Duo signed = new Duo(s_key).Open();
        duo.Server.MustRefuse(signed.Client.SendSigned(signed.FromClient(0)), DropReason.AoUnexpected);
        Assert.Equal(1ul, duo.Server.Engine.Counters.KeyNotFound);

        // also after the record is gone
        duo.Now = 1_000_000;
        duo.Server.Engine.Tick(duo.Server.Time);
        Assert.Empty(duo.Server.Engine.Connections);
        duo.Server.MustTake(duo.FromClient(10).ToPacket());
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.FromServer(10))));
    }

    [Fact]
    public void SynAck_UnsignedInOptionalMode_MakesAnUnsignedConnection()
    {
        Duo duo = WithClient(PeerMode.Optional, TestSource.None);
        Assert.True(EngineEnd.IsSigned(duo.Client.Send(duo.Syn)));
        duo.Client.MustTake(duo.SynAck.ToPacket());
        Assert.Equal(Protection.Unsigned, duo.Client.Connection.Protection);
        Assert.False(EngineEnd.IsSigned(duo.Client.Send(duo.FinalAck)));
        duo.Client.MustTake(duo.FromServer(0).ToPacket());
        Duo signed = new Duo(s_key).Open();
        duo.Client.MustRefuse(signed.Server.SendSigned(signed.FromServer(0)), DropReason.AoUnexpected);
        Assert.Equal(long.MaxValue, duo.Client.Engine.Tick(duo.Client.Time));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Segment_SignedOnAnUnsignedConnection_IsRefusedUnlessToldOtherwise(bool reject)
    {
        var policy = new ConnectionPolicy("peer", new KeyRing(s_key.Server)) { Mode = PeerMode.Optional, RejectUnexpected = reject };
        var duo = new Duo(TestSource.None, new TestSource(policy));
        duo.Server.MustTake(duo.Syn.ToPacket());
        duo.Server.Send(duo.SynAck);
        Duo signed = new Duo(s_key).Open();
        AoDecision decision = duo.Server.Receive(signed.Client.SendSigned(signed.FromClient(0)));
        Assert.Equal(reject ? AoDecision.Drop(DropReason.AoUnexpected) : AoDecision.Pass, decision);
    }

    [Theory]
    [InlineData(TcpFlags.Syn | TcpFlags.Ack, 0u)]
    [InlineData(TcpFlags.Syn | TcpFlags.Ack, 7777u)]
    [InlineData(TcpFlags.Syn | TcpFlags.Rst, 1001u)]
    [InlineData(TcpFlags.Ack, 1001u)]
    [InlineData(TcpFlags.Rst | TcpFlags.Ack, 1001u)]
    public void Answer_UnsignedThatIsNoSynAckToOurSyn_SettlesNothing(TcpFlags flags, uint acknowledgment)
    {
        Duo duo = WithClient(PeerMode.Optional);
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        duo.Client.MustTake(new TestSegment(duo.Server.Pair, flags, 1, acknowledgment).ToPacket());
        Assert.Equal(Protection.Undecided, duo.Client.Connection.Protection);
        duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
        duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        duo.Exchange();
    }

    [Fact]
    public void Segment_UnsignedOnASignedConnection_IsRefusedInOptionalMode()
    {
        Duo duo = WithServer(PeerMode.Optional).Open();
        foreach (TestSegment segment in new[]
        {
            duo.FromClient(0),
            duo.FromClient(0, 0, TcpFlags.Rst),
            duo.FromClient(0, 0, TcpFlags.Fin | TcpFlags.Ack),
            duo.Syn,
            duo.Syn with { Sequence = 4711 },
            duo.Syn with { Flags = TcpFlags.Syn | TcpFlags.Ack, Acknowledgment = duo.ServerIsn + 1 },
        })
        {
            duo.Server.MustRefuse(segment.ToPacket(), DropReason.AoRequired);
        }

        duo.Exchange();

        // once the socket is gone, the peer may come without
        duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);
        duo.ClientIsn = 4711;
        duo.ServerIsn = 4712;
        duo.Server.MustTake(duo.Syn.ToPacket());
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.SynAck)));
        Assert.Equal(Protection.Unsigned, duo.Server.Connection.Protection);
    }

    [Fact]
    public void Syn_UnsignedBetweenASignedOneAndItsAnswer_DowngradesNothing()
    {
        foreach (uint isn in new[] { 1000u, 5555u })
        {
            Duo duo = WithServer(PeerMode.Optional);
            duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
            duo.Server.MustTake((duo.Syn with { Sequence = isn }).ToPacket());
            duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
            duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
            duo.Exchange();
        }
    }

    [Fact]
    public void Syn_SignedWrongly_IsRefusedInOptionalMode()
    {
        Duo duo = WithServer(PeerMode.Optional, TestSource.Of(s_wrong.Client));
        duo.Server.MustRefuse(duo.Client.SendSigned(duo.Syn), DropReason.MacMismatch);
    }

    [Fact]
    public void Syns_UnsignedFromManyStrangers_LeaveRoomForWhoHasAKey()
    {
        var server = new EngineEnd(Duo.IPv4.Reversed, TestSource.Of(PeerMode.Optional, s_key.Server), new AoEngineOptions { MaxConnections = 10 });
        for (ushort port = 1; port <= 50; port++)
        {
            SocketPair stranger = Duo.IPv4 with { LocalPort = port };
            server.MustTake(new TestSegment(stranger, TcpFlags.Syn, port).ToPacket());
            Assert.False(EngineEnd.IsSigned(server.Send(new TestSegment(stranger.Reversed, TcpFlags.Syn | TcpFlags.Ack, 1, port + 1u))));
        }

        Assert.Equal(5, server.Engine.Connections.Count());
        Duo duo = new(new EngineEnd(Duo.IPv4, TestSource.Of(s_key.Client)), server);
        duo.Open();
        duo.Exchange();
    }

    [Fact]
    public void Segment_Unsigned_PassesInMonitorModeAndTellsWhatRequiredWouldDo()
    {
        Duo duo = WithServer(PeerMode.Monitor, TestSource.None);
        var passed = new AoDecision(AoVerdict.Pass, 0, DropReason.AoRequired);
        Assert.Equal(passed, duo.Server.Receive(duo.Syn.ToPacket()));
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.SynAck)));
        Assert.Equal(passed, duo.Server.Receive(duo.FinalAck.ToPacket()));
        Assert.Equal(passed, duo.Server.Receive(duo.FromClient(0).ToPacket()));
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.FromServer(0))));
        Assert.Equal(3ul, duo.Server.Engine.Counters.Required);
    }

    [Fact]
    public void Segment_Bad_PassesInMonitorModeWithItsReason()
    {
        Duo duo = WithServer(PeerMode.Monitor).Open();
        byte[] bad = duo.Client.SendSigned(duo.FromClient(0));
        bad[^1] ^= 1;
        Assert.Equal(new AoDecision(AoVerdict.Pass, 0, DropReason.MacMismatch), duo.Server.Receive(bad));
        Assert.Equal(new AoDecision(AoVerdict.Pass, 0, DropReason.AoRequired), duo.Server.Receive(duo.FromClient(0).ToPacket()));
        byte[] twice = (duo.FromClient(0) with { Options = [.. Wire.Packets.AoOption(12), .. Wire.Packets.AoOption(12)] }).ToPacket();
        Assert.Equal(new AoDecision(AoVerdict.Pass, 0, DropReason.AoDuplicate), duo.Server.Receive(twice));
        duo.Exchange();
        Assert.Equal(1ul, duo.Server.Engine.Counters.Bad);
    }

    [Fact]
    public void Syn_Bad_PassesInMonitorModeAndIsAnsweredUnsigned()
    {
        Duo duo = WithServer(PeerMode.Monitor, TestSource.Of(s_wrong.Client));
        Assert.Equal(new AoDecision(AoVerdict.Pass, 0, DropReason.MacMismatch), duo.Server.Receive(duo.Client.SendSigned(duo.Syn)));
        Assert.Equal(1ul, duo.Server.Engine.Counters.Bad);
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.SynAck)));
    }

    [Fact]
    public void Syn_OfOurs_IsUnsignedInMonitorMode()
    {
        Duo duo = WithClient(PeerMode.Monitor, TestSource.None);
        Assert.False(EngineEnd.IsSigned(duo.Client.Send(duo.Syn)));
        Assert.Equal(AoVerdict.Pass, duo.Client.Receive(duo.SynAck.ToPacket()).Verdict);
        Assert.False(EngineEnd.IsSigned(duo.Client.Send(duo.FinalAck)));
        Assert.Equal(AoVerdict.Pass, duo.Client.Receive(duo.FromServer(0).ToPacket()).Verdict);
    }

    [Theory]
    [InlineData(PeerMode.Required, DropReason.IsnUnknown)]
    [InlineData(PeerMode.Optional, DropReason.None)]
    [InlineData(PeerMode.Monitor, DropReason.None)]
    [Trait("Requirement", "R-041")]
    public void Segment_OfOursWithoutRecord_LeavesOnlyWhereUnsignedMayBe(PeerMode mode, DropReason expected)
    {
        Duo duo = WithServer(mode);
        duo.Server.Send(duo.FromServer(0));
        Assert.Equal(expected, duo.Server.Last.Reason);
    }
}
