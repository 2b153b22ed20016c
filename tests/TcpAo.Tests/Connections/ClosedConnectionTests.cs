using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>TIME-WAIT, resets, new connections on an old pair, and replays of earlier ones (RFC 5925 sections 7.2, 7.7 and 10).</summary>
public sealed class ClosedConnectionTests
{
    private static readonly AoEngineOptions s_options = new();

    [Fact]
    [Trait("Requirement", "R-059")]
    public void Segment_InTimeWait_IsSignedAndVerifiedUntilTheDeadline()
    {
        Duo duo = new Duo().Open();
        duo.Now = 1000;
        duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);
        long deadline = duo.Server.Engine.Tick(duo.Server.Time);
        Assert.Equal(1000 + s_options.ClosedLifetime, deadline);

        duo.Now = deadline - 1;
        Assert.Equal(deadline, duo.Server.Engine.Tick(duo.Server.Time));
        duo.Server.MustTake(duo.Client.SendSigned(duo.FromClient(0, 0, TcpFlags.Fin | TcpFlags.Ack)));
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(0, 0)));
        Assert.Equal(ConnectionState.Closed, duo.Server.Connection.State);

        duo.Now = deadline;
        Assert.Equal(long.MaxValue, duo.Server.Engine.Tick(duo.Server.Time));
        Assert.Null(duo.Server.Engine.FindConnection(duo.Server.Pair));
        duo.Server.MustRefuse(duo.Client.SendSigned(duo.FromClient(1, 0)), DropReason.IsnUnknown);
        Assert.Null(duo.Server.Send(duo.FromServer(0, 0)));
    }

    [Fact]
    public void Handshake_NeverFinished_IsForgotten()
    {
        var duo = new Duo();
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        duo.Server.SendSigned(duo.SynAck);
        Assert.Equal(s_options.HandshakeLifetime, duo.Client.Engine.Tick(duo.Client.Time));
        Assert.Equal(s_options.HandshakeLifetime, duo.Server.Engine.Tick(duo.Server.Time));
        duo.Now = s_options.HandshakeLifetime;
        duo.Client.Engine.Tick(duo.Client.Time);
        duo.Server.Engine.Tick(duo.Server.Time);
        Assert.Empty(duo.Client.Engine.Connections);
        Assert.Empty(duo.Server.Engine.Connections);

        // one that was finished waits for nothing
        duo.Open();
        Assert.Equal(long.MaxValue, duo.Client.Engine.Tick(duo.Client.Time));
        Assert.Equal(long.MaxValue, duo.Server.Engine.Tick(duo.Server.Time));
        Assert.True(duo.Client.Engine.Forget(duo.Client.Pair));
        Assert.False(duo.Client.Engine.Forget(duo.Client.Pair));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-027")]
    public void Syn_OnAPairInTimeWait_BeginsAnew(bool isFromClient)
    {
        Duo duo = new Duo { ClientIsn = 0xFFFF_FFF0, ServerIsn = 0xFFFF_FFF0 }.Open();
        duo.Exchange(0, 100);
        duo.Server.Connection.LockRNextKey = true;
        duo.Client.Engine.Close(duo.Client.Pair, duo.Client.Time);
        duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);
        Assert.Equal(1u, duo.Server.Connection.ReceiveSne);
        ulong before = duo.Server.Connection.Counters.Good;
        Assert.NotEqual(0ul, before);

        Duo next = isFromClient ? duo : Mirror(duo);
        next.ClientIsn = 77_000;
        next.ServerIsn = 88_000;
        next.Open();
        next.Exchange();
        Assert.Equal(ConnectionState.Synchronized, next.Server.Connection.State);
        Assert.Equal((0u, 0u), (next.Server.Connection.SendSne, next.Server.Connection.ReceiveSne));
        Assert.Equal((0u, 0u), (next.Client.Connection.SendSne, next.Client.Connection.ReceiveSne));
        Assert.Equal(2ul, next.Server.Connection.Counters.Good);
        Assert.False(duo.Server.Connection.LockRNextKey);
        Assert.Equal(long.MaxValue, next.Server.Engine.Tick(next.Server.Time));
        Assert.Equal(long.MaxValue, next.Client.Engine.Tick(next.Client.Time));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-074")]
    public void Syn_ReplayedOnALiveConnection_ChangesNothing(bool isOfEarlierConnection)
    {
        var duo = new Duo { ClientIsn = 333 };
        byte[] old = duo.Client.SendSigned(duo.Syn);
        duo.ClientIsn = 1000;
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        duo.Open();
        duo.Exchange();
        SavedConnection before = duo.Server.Connection.Save();
        duo.Server.MustTake(isOfEarlierConnection ? old : syn);

        // our stack answers such a SYN with a challenge ACK
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(10, 0)));
        Assert.Equal(before, duo.Server.Connection.Save());
        duo.Exchange(10);
        duo.Server.MustTake(isOfEarlierConnection ? old : syn);
        duo.Exchange(20);
        duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);
        Assert.Equal(ConnectionState.Closed, duo.Server.Connection.State);
    }

    [Fact]
    [Trait("Requirement", "R-074")]
    public void Syn_ReplayedDuringAHandshake_DoesNotDisturbIt()
    {
        foreach (PeerMode mode in Enum.GetValues<PeerMode>())
        {
            KeyBoth key = KeyBoth.Of();
            var duo = new Duo(TestSource.Of(key.Client), TestSource.Of(mode, key.Server)) { ClientIsn = 333 };
            byte[] old = duo.Client.SendSigned(duo.Syn);
            duo.ClientIsn = 1000;
            duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
            duo.Server.MustTake(old);
            duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
            duo.Server.MustTake(old);
            duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
            duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
            duo.Exchange();
        }
    }

    [Fact]
    [Trait("Requirement", "R-042")]
    public void Segments_OfAnEarlierConnection_AreRefused()
    {
        var duo = new Duo();
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        duo.Server.MustTake(syn);
        byte[] synAck = duo.Server.SendSigned(duo.SynAck);
        duo.Client.MustTake(synAck);
        byte[] ack = duo.Client.SendSigned(duo.FinalAck);
        duo.Server.MustTake(ack);
        byte[] data = duo.Client.SendSigned(duo.FromClient(0));
        byte[] rst = duo.Client.SendSigned(duo.FromClient(10, 0, TcpFlags.Rst));
        duo.Client.Engine.Close(duo.Client.Pair, duo.Client.Time);
        duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);

        // the same client ISN and another one: the pair of ISNs is never the same
        foreach (uint clientIsn in new[] { 1000u, 2000u })
        {
            duo.ClientIsn = clientIsn;
            duo.ServerIsn = 40_000 + clientIsn;
            byte[] newSyn = duo.Client.SendSigned(duo.Syn);
            duo.Server.MustTake(newSyn);
            if (clientIsn != 1000)
            {
                duo.Client.MustRefuse(synAck, DropReason.MacMismatch);
            }

            byte[] newSynAck = duo.Server.SendSigned(duo.SynAck);
            duo.Server.MustRefuse(ack, DropReason.MacMismatch);
            duo.Client.MustTake(newSynAck);
            duo.Client.MustRefuse(synAck, DropReason.MacMismatch);
            duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
            foreach (byte[] replayed in new[] { ack, data, rst })
            {
                duo.Server.MustRefuse(replayed, DropReason.MacMismatch);
            }

            duo.Exchange();
            duo.Client.Engine.Close(duo.Client.Pair, duo.Client.Time);
            duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);
        }
    }

    [Fact]
    [Trait("Requirement", "R-048")]
    [Trait("Requirement", "R-053")]
    public void Segments_OfAnEarlierCycle_AreRefusedAndARetransmissionFromBeforeTheWrapIsNot()
    {
        const uint Step = 0x4000_0000;
        Duo duo = new Duo { ClientIsn = 0xFFFF_FF00, ServerIsn = 0x10 }.Open();
        TestSegment early = duo.FromClient(0x40, 16);
        byte[] replay = duo.Client.SendSigned(early);
        duo.Server.MustTake(replay);
        uint offset = 0x200;
        duo.Server.MustTake(duo.Client.SendSigned(duo.FromClient(offset)));
        Assert.Equal((1u, 1u), (duo.Client.Connection.SendSne, duo.Server.Connection.ReceiveSne));

        // sent again after the wrap, it gets the smaller SNE: the very same packet
        Assert.Equal(replay, duo.Client.SendSigned(early));
        duo.Server.MustTake(replay);
        for (int i = 0; i < 4; i++)
        {
            offset += Step;
            duo.Server.MustTake(duo.Client.SendSigned(duo.FromClient(offset)));
        }

        Assert.Equal(2u, duo.Server.Connection.ReceiveSne);
        duo.Server.MustRefuse(replay, DropReason.MacMismatch);

        // the same bytes one cycle later are another packet, and are taken
        byte[] again = duo.Client.SendSigned(early);
        Assert.NotEqual(replay, again);
        duo.Server.MustTake(again);
    }

    [Theory]
    [InlineData("SYN-SENT")]
    [InlineData("SYN-RECEIVED")]
    [InlineData("ESTABLISHED")]
    [InlineData("CLOSED")]
    [Trait("Requirement", "R-041")]
    [Trait("Requirement", "R-091")]
    public void Reset_InEachState_CountsOnlyWhenItIsSigned(string state)
    {
        var duo = new Duo();
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        duo.Server.MustTake(syn);
        TestSegment reset = duo.FromClient(0, 0, TcpFlags.Rst);
        if (string.Equals(state, "SYN-SENT", StringComparison.Ordinal))
        {
            Assert.Null(duo.Client.Send(reset));
            Assert.Equal(DropReason.IsnUnknown, duo.Client.Last.Reason);
            duo.Client.MustRefuse(duo.FromServer(0, 0, TcpFlags.Rst | TcpFlags.Ack).ToPacket(), DropReason.AoRequired);
            return;
        }

        duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
        if (!string.Equals(state, "SYN-RECEIVED", StringComparison.Ordinal))
        {
            duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        }

        if (string.Equals(state, "CLOSED", StringComparison.Ordinal))
        {
            duo.Client.Engine.Close(duo.Client.Pair, duo.Client.Time);
        }

        ConnectionState before = duo.Server.Connection.State;
        duo.Server.MustRefuse(reset.ToPacket(), DropReason.AoRequired);
        byte[] signed = duo.Client.SendSigned(reset);
        byte[] forged = [.. signed];
        forged[^1] ^= 0x10;
        duo.Server.MustRefuse(forged, DropReason.MacMismatch);
        duo.Server.MustTake(signed);
        Assert.Equal(before, duo.Server.Connection.State);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(0, 0, TcpFlags.Rst)));
    }

    [Fact]
    public void Table_AtItsLimit_RefusesNewConnectionsOnly()
    {
        KeyBoth key = KeyBoth.Of();
        var options = new AoEngineOptions { MaxConnections = 1 };
        Duo duo = new Duo(key, options: options).Open();
        SocketPair other = duo.Client.Pair with { LocalPort = 40001 };
        var stranger = new EngineEnd(other, TestSource.Of(key.Client));
        byte[] syn = stranger.SendSigned(new TestSegment(other, TcpFlags.Syn, 5));
        Assert.Equal(AoDecision.Drop(DropReason.ConnectionTableFull), duo.Server.Receive(syn));
        Assert.Null(duo.Client.Send(new TestSegment(other, TcpFlags.Syn, 5)));
        Assert.Equal(DropReason.ConnectionTableFull, duo.Client.Last.Reason);
        Assert.Null(duo.Server.Send(new TestSegment(other.Reversed, TcpFlags.Syn | TcpFlags.Ack, 9, 6)));
        Assert.Equal(DropReason.ConnectionTableFull, duo.Server.Last.Reason);
        duo.Exchange();
        duo.ClientIsn = 99;
        duo.Open();
        Assert.Single(duo.Server.Engine.Connections);
    }

    /// <summary>The same two engines with the roles changed.</summary>
    private static Duo Mirror(Duo duo) => new(duo.Server, duo.Client);
}
