using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>Counters with the kernel's meaning, and events with the fields of its trace events (linux-uapi 6).</summary>
[Trait("Requirement", "R-063")]
public sealed class CountersAndEventsTests
{
    [Fact]
    [Trait("Requirement", "R-064")]
    public void Counters_OfEngineConnectionAndKey_CountWhatTheKernelCounts()
    {
        Duo duo = new Duo().Open();
        AoKey key = duo.Server.Connection.CurrentKey!;

        // SYN and final ACK: the child socket begins at zero with the latter
        Assert.Equal((2ul, 1ul), (duo.Server.Engine.Counters.Good, duo.Server.Connection.Counters.Good));
        Assert.Equal((2ul, 1ul), (duo.Server.Engine.GetKeyCounters(key).Good, duo.Server.Connection.GetKeyCounters(key)!.Good));
        byte[] good = duo.Client.SendSigned(duo.FromClient(0));
        byte[] bad = [.. good];
        bad[^1] ^= 1;
        duo.Server.MustTake(good);
        duo.Server.MustRefuse(bad, DropReason.MacMismatch);
        duo.Server.MustRefuse((duo.FromClient(0) with { Options = Packets.AoOption(8, keyId: 7) }).ToPacket(), DropReason.KeyNotFound);
        duo.Server.MustRefuse((duo.FromClient(0) with { Options = Packets.AoOption(8, keyId: 61) }).ToPacket(), DropReason.MacLengthMismatch);
        duo.Server.MustRefuse(duo.FromClient(0).ToPacket(), DropReason.AoRequired);
        duo.Server.MustRefuse(duo.FromClient(0).ToPacket(), DropReason.AoRequired);
        duo.Server.Receive(IcmpPackets.Error(duo.Server.Pair, 3, 3));

        AoCounters engine = duo.Server.Engine.Counters;
        Assert.Equal((3ul, 2ul, 1ul, 2ul, 1ul), (engine.Good, engine.Bad, engine.KeyNotFound, engine.Required, engine.DroppedIcmps));
        AoCounters connection = duo.Server.Connection.Counters;
        Assert.Equal((2ul, 2ul, 1ul, 2ul, 1ul), (connection.Good, connection.Bad, connection.KeyNotFound, connection.Required, connection.DroppedIcmps));
        Assert.Equal((3ul, 2ul), (duo.Server.Engine.GetKeyCounters(key).Good, duo.Server.Engine.GetKeyCounters(key).Bad));
        Assert.Equal((2ul, 2ul), (duo.Server.Connection.GetKeyCounters(key)!.Good, duo.Server.Connection.GetKeyCounters(key)!.Bad));
        Assert.Null(duo.Server.Connection.GetKeyCounters(KeyBoth.Of(9, 9).Server));
    }

    [Fact]
    public void Events_OfRefusedSegments_HaveTheFieldsOfTheTraceEvents()
    {
        Duo duo = new Duo().Open();
        duo.Server.Events.Clear();
        byte[] good = duo.Client.SendSigned(duo.FromClient(0, 10, TcpFlags.Psh | TcpFlags.Ack));
        byte[] bad = [.. good];
        bad[^1] ^= 1;
        duo.Server.Receive(bad);
        duo.Server.Receive(WithKeyId(good, 7));
        duo.Server.Receive(duo.FromClient(0, 0, TcpFlags.Rst).ToPacket());
        Assert.Equal(
            [
                new AoEvent(AoEventKind.MacMismatch, duo.Server.Pair, ConnectionState.Synchronized, TcpFlags.Psh | TcpFlags.Ack, 61, 84, 12, 0, DropReason.MacMismatch),
                new AoEvent(AoEventKind.KeyNotFound, duo.Server.Pair, ConnectionState.Synchronized, TcpFlags.Psh | TcpFlags.Ack, 7, 84, 12, 0, DropReason.KeyNotFound),
                new AoEvent(AoEventKind.AoRequired, duo.Server.Pair, ConnectionState.Synchronized, TcpFlags.Rst, Reason: DropReason.AoRequired),
            ],
            duo.Server.Events);
    }

    [Fact]
    public void Event_OfASignedHandshakeThatEndsUnsigned_IsAHandshakeFailure()
    {
        var duo = new Duo();
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        duo.Server.SendSigned(duo.SynAck);
        duo.Server.MustRefuse(duo.FinalAck.ToPacket(), DropReason.AoRequired);
        Assert.Equal(
            new AoEvent(AoEventKind.HandshakeFailure, duo.Server.Pair, ConnectionState.SynReceived, TcpFlags.Ack, Reason: DropReason.AoRequired),
            Assert.Single(duo.Server.Events));

        // TCPAOBad of the namespace, and no socket's
        Assert.Equal((1ul, 0ul), (duo.Server.Engine.Counters.Bad, duo.Server.Engine.Counters.Required));
        Assert.Equal((0ul, 0ul), (duo.Server.Connection.Counters.Bad, duo.Server.Connection.Counters.Required));
    }

    [Fact]
    public void Event_OfASegmentWithoutConnection_HasNoState()
    {
        var duo = new Duo(new Duo().Client.Keys, TestSource.None);
        duo.Server.Receive(duo.Client.SendSigned(duo.Syn));
        Assert.Equal(
            new AoEvent(AoEventKind.KeyNotFound, duo.Server.Pair, null, TcpFlags.Syn, 61, 84, 12, 0, DropReason.KeyNotFound),
            Assert.Single(duo.Server.Events));
    }

    [Fact]
    public void Events_OfAWrap_TellTheNewSne()
    {
        Duo duo = new Duo { ClientIsn = 0xFFFF_FFF8 }.Open();
        duo.Exchange(0, 20);
        Assert.Equal(1u, duo.Client.Event(AoEventKind.SendSneUpdate).Sne);
        Assert.Equal(1u, duo.Server.Event(AoEventKind.ReceiveSneUpdate).Sne);
        Assert.DoesNotContain(AoEventKind.ReceiveSneUpdate, duo.Client.Kinds);
    }

    [Fact]
    public void Events_OfOneHandshake_AreInOrder()
    {
        Duo duo = new Duo().Open();
        Assert.Equal([AoEventKind.Established], duo.Client.Kinds);
        Assert.Equal([AoEventKind.Established], duo.Server.Kinds);
        Assert.Equal(ConnectionState.Synchronized, duo.Server.Events[0].State);
    }

    [Fact]
    public void Events_OfAKeyThatRolls_NameBothIds()
    {
        KeyBoth one = KeyBoth.Of(1, 11);
        KeyBoth two = KeyBoth.Of(2, 12);
        Duo duo = new Duo(TestSource.Of(one.Client, two.Client), TestSource.Of(one.Server, two.Server)).Open();
        duo.Client.Events.Clear();
        duo.Server.Connection.SetRNextKey(2);
        byte[] asking = duo.Server.SendSigned(duo.FromServer(0));
        duo.Client.MustTake(asking);
        Assert.Equal(
            [
                new AoEvent(AoEventKind.RNextRequest, duo.Client.Pair, ConnectionState.Synchronized, TcpFlags.Ack, 1, 2, 12),
                new AoEvent(AoEventKind.CurrentKeyChanged, duo.Client.Pair, ConnectionState.Synchronized, KeyId: 2),
            ],
            duo.Client.Events);
    }

    private static byte[] WithKeyId(byte[] packet, byte keyId)
    {
        byte[] copy = [.. packet];
        TcpPacket.TryParse(copy, out TcpPacket parsed);
        copy[parsed.TcpOffset + parsed.AoOffset + 2] = keyId;
        return copy;
    }
}
