using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Uapi;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Uapi;

/// <summary>Sockets of the model with an engine behind each: what one says is what the other does (linux-uapi 4.6, 5 and 6).</summary>
public sealed class SocketAndEngineTests
{
    private const string ClientAddress = "192.0.2.1";
    private const string ServerAddress = "192.0.2.2";

    private readonly SocketRig _client = new();
    private readonly SocketRig _listener = new SocketRig().Listen();
    private readonly SocketKeySource _clientKeys = new();
    private readonly SocketKeySource _serverKeys = new();
    private readonly Duo _duo;

    public SocketAndEngineTests()
    {
        _clientKeys.SetConnected(Duo.IPv4, _client.Socket);
        _serverKeys.SetListener(default, 179, _listener.Socket);
        _duo = new Duo(_clientKeys, _serverKeys);
    }

    [Fact]
    [Requirement("R-025", "R-026", "R-056")]
    public void Connect_WithSeveralKeys_BeginsWithTheNewestThatMatches()
    {
        Both(1, 11);
        Both(2, 12);
        Assert.Equal(LinuxErrno.None, _client.Add("198.51.100.1", send: 9, recv: 19));
        Open();
        Assert.Equal((2, 12), _client.InUse());
        Assert.Equal([2, 1], _client.Order());
        Assert.Equal(((byte)2, (byte)12), EngineEnd.Ids(_duo.Client.SendSigned(_duo.FromClient(0))));
    }

    [Fact]
    [Requirement("R-045", "R-057")]
    public void Connect_WithChosenKeys_KeepsThem()
    {
        Both(1, 11);
        Both(2, 12);
        Assert.Equal(LinuxErrno.None, _client.Info(info => (info.SetCurrent, info.CurrentKey, info.SetRNext, info.RNext) = (true, 1, true, 12)));
        Open();
        Assert.Equal((1, 12), _client.InUse());
        SocketRig child = Establish();

        // the child signs with what the SYN asked for, and asks for what it came with
        Assert.Equal((12, 1), child.InUse());
        Assert.Equal([11, 12], child.Order());
    }

    [Fact]
    public void Listener_CountsTheHandshake_AndTheChildBeginsAtZero()
    {
        Both(1, 11);
        Open();
        SocketRig child = Establish();
        Assert.Equal((2ul, 2ul), (_listener.Socket.Counters.Good, GoodOf(_listener)));
        Assert.Equal((0ul, 0ul), (child.Socket.Counters.Good, GoodOf(child)));
        _duo.Exchange();
        Assert.Equal((2ul, 2ul), (_listener.Socket.Counters.Good, GoodOf(_listener)));
        Assert.Equal((1ul, 1ul), (child.Socket.Counters.Good, GoodOf(child)));
        Assert.Equal(3ul, _duo.Server.Engine.Counters.Good);
        Assert.Equal(2ul, _client.Socket.Counters.Good);
    }

    [Fact]
    public void Listener_CountsWhatItRefuses()
    {
        Both(1, 11);
        _duo.Server.MustRefuse(_duo.Syn.ToPacket(), DropReason.AoRequired);
        Assert.Equal(LinuxErrno.None, _client.Add(ServerAddress, send: 3, recv: 13));
        _duo.Server.MustRefuse(_duo.Client.SendSigned(_duo.Syn), DropReason.KeyNotFound);
        Assert.Equal((1ul, 1ul, 0ul), (_listener.Socket.Counters.Required, _listener.Socket.Counters.KeyNotFound, _listener.Socket.Counters.Good));
    }

    [Fact]
    public void Listener_WithAoRequired_RefusesStrangers_AndWithoutItTakesThem()
    {
        Assert.Equal(LinuxErrno.None, _listener.Add("198.51.100.1"));
        Assert.Null(_listener.Socket.Find(Duo.IPv4.Reversed));
        _duo.Server.MustTake(_duo.Syn.ToPacket());
        Assert.Equal(LinuxErrno.None, _listener.Info(info => info.AoRequired = true));
        _duo.Server.MustRefuse(_duo.Syn.ToPacket(), DropReason.AoRequired);
        Assert.Equal(1ul, _listener.Socket.Counters.Required);
    }

    [Fact]
    [Requirement("R-046", "R-073")]
    public void RNextKey_OfOneEnd_MovesTheCurrentKeyOfTheOther()
    {
        Both(1, 11);
        Both(2, 12);
        Open();
        SocketRig child = Establish();
        Assert.Equal(12, child.InUse().Current);
        Assert.Equal(LinuxErrno.None, _client.Info(info => (info.SetRNext, info.RNext) = (true, 11)));
        _duo.Exchange();
        Assert.Equal(11, child.InUse().Current);
        Assert.Equal((2, 11), _client.InUse());
        byte[] record = Assert.Single(child.Records(filter => filter.IsCurrent = true));
        Assert.Equal(11, new TcpAoGetSockOpt(record).SendId);
    }

    [Fact]
    [Requirement("R-058")]
    public void Ids_OfTheLastSegment_AreGotWithAnExtension()
    {
        _client.Space.AllowExtensions = true;
        Both(1, 11);
        Both(2, 12);
        Open();
        SocketRig child = Establish();
        Assert.Equal(LinuxErrno.None, child.Info(info => (info.SetRNext, info.RNext) = (true, 1)));
        _duo.Exchange();
        byte[] value = new byte[TcpAoExtension.TotalLength];
        TcpAoExtension.Create(value);
        UapiAnswer answer = _client.Get(TcpSocketOption.AoInfo, value);
        answer.Writes[^1].Bytes.CopyTo(value, answer.Writes[^1].Offset);
        Assert.True(TcpAoExtension.TryGet(value, out TcpAoExtension extension));
        Assert.Equal((true, 12, 1), (extension.HasLastIds, (int)extension.LastKeyId, (int)extension.LastRNextKeyId));
    }

    [Fact]
    [Requirement("R-055")]
    public void Key_AddedToAConnection_SwitchesNothingUnlessAsked()
    {
        Both(1, 11);
        Open();
        SocketRig child = Establish();
        Assert.Equal(LinuxErrno.None, child.Add(ClientAddress, send: 12, recv: 2));
        Assert.Equal(LinuxErrno.None, _client.Add(ServerAddress, send: 2, recv: 12));
        _duo.Exchange();
        Assert.Equal(((int?)1, (int?)11), _client.InUse());
        Assert.Equal(LinuxErrno.None, _client.Info(info => (info.SetCurrent, info.CurrentKey, info.SetRNext, info.RNext) = (true, 2, true, 12)));
        _duo.Exchange();
        Assert.Equal(((int?)12, (int?)1), child.InUse());

        // the server still asks for its old one, and so the client is back with that
        Assert.Equal(((byte)1, (byte)12), EngineEnd.Ids(_duo.Client.SendSigned(_duo.FromClient(10))));
    }

    [Fact]
    [Requirement("R-019")]
    public void Key_DeletedFromAConnection_IsGoneAtOnce()
    {
        Both(1, 11);
        Both(2, 12);
        Open();
        SocketRig child = Establish();
        byte[] late = _duo.Client.SendSigned(_duo.FromClient(0));
        Assert.Equal(LinuxErrno.Busy, child.Del(ClientAddress, send: 12, recv: 2));
        Assert.Equal(LinuxErrno.None, child.Del(ClientAddress, send: 12, recv: 2, edit: del => (del.SetCurrent, del.CurrentKey, del.SetRNext, del.RNext) = (true, 11, true, 1)));
        Assert.Equal((11, 1), child.InUse());
        _duo.Server.MustRefuse(late, DropReason.KeyNotFound);
        _duo.Client.MustTake(_duo.Server.SendSigned(_duo.FromServer(0)));

        // the client follows what the server asks for now
        byte[] next = _duo.Client.SendSigned(_duo.FromClient(0));
        Assert.Equal(((byte)1, (byte)12), EngineEnd.Ids(next));
        _duo.Server.MustTake(next);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void QueuedConnection_WhoseListenerGetsAndLosesKeys_FollowsOnlyIfToldTo(bool follows)
    {
        _listener.Space.QueuedConnectionsFollowListener = follows;
        Both(1, 11);
        Both(2, 12);
        Open();
        SocketRig child = Establish();
        Assert.Equal(LinuxErrno.None, _listener.Add(ClientAddress, send: 13, recv: 3));
        Assert.Equal(LinuxErrno.None, _listener.Add("198.51.100.1", send: 14, recv: 4));
        Assert.Equal(follows ? [13, 11, 12] : [11, 12], child.Order());
        Assert.Equal(LinuxErrno.None, _listener.Del(ClientAddress, send: 11, recv: 1));

        // a key in use stays
        Assert.Equal(LinuxErrno.None, _listener.Del(ClientAddress, send: 12, recv: 2));
        Assert.Equal(follows ? [13, 12] : [11, 12], child.Order());
        Assert.Equal(follows, _duo.Server.Connection.Keys.FindBySendId(13) is not null);
        _duo.Exchange();

        child.Socket.Accept();
        Assert.Equal(LinuxErrno.None, _listener.Add(ClientAddress, send: 15, recv: 5));
        Assert.DoesNotContain(15, child.Order());
    }

    [Fact]
    [Requirement("R-093")]
    public void Child_OfAListener_InheritsItsRulesAndNoOtherPeersKeys()
    {
        Both(1, 11);
        Assert.Equal(LinuxErrno.None, _listener.Add("198.51.100.1", send: 14, recv: 4));
        Assert.Equal(LinuxErrno.None, _listener.Info(info => info.AoRequired = info.AcceptIcmps = true));
        Open();
        SocketRig child = Establish();
        Assert.Equal((true, true, true), (child.Socket.HasAo, child.Socket.AoRequired, child.Socket.AcceptIcmps));
        Assert.True(_duo.Server.Connection.Policy.AcceptIcmps);
        Assert.Equal([11], child.Order());
    }

    [Fact]
    public void Child_WhoseKeysTheListenerLost_IsNoSocket()
    {
        Both(1, 11);
        Open();
        Assert.Equal(LinuxErrno.None, _listener.Del(ClientAddress, send: 11, recv: 1));
        Assert.Null(_listener.Socket.Establish(ChildFacts()));
    }

    [Fact]
    [Requirement("R-091")]
    public void Keys_OfASocketThatIsClosed_ServeLateSegments()
    {
        Both(1, 11);
        Open();
        SocketRig child = Establish();
        child.Socket.Accept();
        _serverKeys.Remove(Duo.IPv4.Reversed);
        _serverKeys.RemoveListener(default, 179);
        _duo.Server.Use(_serverKeys);
        _duo.Server.Engine.Close(Duo.IPv4.Reversed, _duo.Server.Time);
        ulong good = _duo.Server.Engine.Counters.Good;
        _duo.Server.MustTake(_duo.Client.SendSigned(_duo.FromClient(0, flags: TcpFlags.Fin | TcpFlags.Ack)));
        _duo.Client.MustTake(_duo.Server.SendSigned(_duo.FromServer(0, 0)));
        Assert.Equal(good + 1, _duo.Server.Engine.Counters.Good);
        _duo.Server.MustRefuse(_duo.FromClient(10).ToPacket(), DropReason.AoRequired);
    }

    [Fact]
    [Requirement("R-024")]
    public void Send_UnderAPolicyWithoutAValidKey_FailsAtOnce()
    {
        Assert.Equal(LinuxErrno.None, AoSocket.CheckSend(_client.Facts));
        KeyBoth key = KeyBoth.Of(send: new KeyLifetime(DateTimeOffset.MinValue, EngineEnd.Epoch.AddSeconds(10)));
        var duo = new Duo(TestSource.Of(key.Client), TestSource.Of(key.Server));
        duo.Open();
        SocketFacts facts = _client.Facts with { State = TcpState.Established, Connection = duo.Client.Connection, Time = duo.Client.Time };
        Assert.Equal(LinuxErrno.None, AoSocket.CheckSend(facts));
        duo.Now = 10_000;
        Assert.Equal(LinuxErrno.NoKey, AoSocket.CheckSend(facts with { Time = duo.Client.Time }));
    }

    [Fact]
    [Requirement("R-019")]
    public void Socket_WithoutKeysOfItsOwn_HasThoseOfAFile()
    {
        ConnectionPolicy file = new("peer", new KeyRing(KeyBoth.Of().Client));
        SocketRig rig = new();
        Assert.Null(rig.Socket.Find(Duo.IPv4));
        rig.Space.Defaults = new TestSource(file);
        Assert.Same(file, rig.Socket.Find(Duo.IPv4));
        Assert.Equal(LinuxErrno.None, rig.Add("192.0.2.2"));
        Assert.NotSame(file, rig.Socket.Find(Duo.IPv4));
    }

    [Fact]
    public void Child_OfAnUnsignedConnection_HasNoAo()
    {
        Assert.Equal(LinuxErrno.None, _listener.Add("198.51.100.1"));
        AoSocket? child = _listener.Socket.Establish(ChildFacts() with { Connection = null });
        Assert.False(child!.HasAo);
        SocketRig rig = new SocketRig { Socket = child }.Established();
        Assert.Equal(LinuxErrno.IsConnected, rig.Add());
    }

    [Fact]
    [Requirement("R-090")]
    public void Repair_OfAConnection_ContinuesItOnAnotherSocket()
    {
        Both(1, 11);
        Open();
        _duo.Exchange();
        _client.Repair();
        byte[] got = _client.Get(TcpSocketOption.AoRepair, new byte[16]).Writes.Single().Bytes;
        var repair = new TcpAoRepairOption(got);
        Assert.Equal((1000u, 9000u, 0u, 0u), (repair.SendIsn, repair.ReceiveIsn, repair.SendSne, repair.ReceiveSne));

        var other = new SocketRig { Facts = _client.Facts with { Connection = null, SendSequence = 1011, ReceiveSequence = 9011 } };
        Assert.Equal(LinuxErrno.None, other.Add(ServerAddress, send: 1, recv: 11, edit: add => add.SetCurrent = add.SetRNext = true));
        Assert.Equal(LinuxErrno.None, other.Set(TcpSocketOption.AoRepair, got, 16));
        var keys = new SocketKeySource();
        keys.SetConnected(Duo.IPv4, other.Socket);
        var engine = new EngineEnd(Duo.IPv4, keys);
        Assert.NotNull(engine.Engine.Restore(other.Socket.Continue(other.Facts)!.Value, engine.Time));
        _duo.Server.MustTake(engine.SendSigned(_duo.FromClient(10)));
        engine.MustTake(_duo.Server.SendSigned(_duo.FromServer(10)));

        // a wrong ISN, set where the engine has the connection: nothing verifies any more
        other.Facts = other.Facts with { Connection = engine.Connection };
        Assert.Equal(LinuxErrno.None, other.SetRepair(sendIsn: 1001, receiveIsn: 9000, sendSne: 0, receiveSne: 0));
        _duo.Server.MustRefuse(engine.SendSigned(_duo.FromClient(20)), DropReason.MacMismatch);
    }

    [Fact]
    public void Counters_SetBeforeAndDuringAConnection_AreTheConnections()
    {
        Both(1, 11);
        Assert.Equal(LinuxErrno.None, _client.Info(info => (info.SetCounters, info.Good, info.Required) = (true, 100, 7)));
        Open();
        Assert.Equal((101ul, 7ul), (_client.Socket.Counters.Good, _duo.Client.Connection.Counters.Required));
        Assert.Equal(LinuxErrno.None, _client.Info(info => (info.SetCounters, info.Good) = (true, 5)));
        _duo.Exchange();
        Assert.Equal((6ul, 6ul, 0ul), (_client.Socket.Counters.Good, _duo.Client.Connection.Counters.Good, _client.Socket.Counters.Required));

        // closed again, the socket still knows
        _client.In(TcpState.Closed);
        _client.Facts = _client.Facts with { Connection = null };
        Assert.Equal(LinuxErrno.None, _client.GetInfo());
        Assert.Equal((6ul, 2ul), (_client.Socket.Counters.Good, GoodOf(_client)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(16)]
    public void MacLength_ThatLinuxTakes_IsSignedAndVerified(byte length)
    {
        Assert.Equal(LinuxErrno.None, _client.Add(ServerAddress, send: 1, recv: 11, edit: add => add.MacLength = length));
        Assert.Equal(LinuxErrno.None, _listener.Add(ClientAddress, send: 11, recv: 1, edit: add => add.MacLength = length));
        Open();
        _duo.Exchange();
        byte[] packet = _duo.Client.SendSigned(_duo.FromClient(10));
        TcpPacket.TryParse(packet, out TcpPacket parsed);
        Assert.Equal(length, parsed.MacLength);
        packet[packet.AsSpan().IndexOf((byte[])[29, (byte)(4 + length), 1, 11]) + 4] ^= 0x80;
        _duo.Server.MustRefuse(packet, DropReason.MacMismatch);
    }

    [Theory]
    [InlineData("hmac(sha1)", 0)]
    [InlineData("hmac(sha256)", 80)]
    [InlineData("cmac(aes128)", 0)]
    [InlineData("cmac(aes128)", 20)]
    [InlineData("cmac(aes)", 16)]
    [Requirement("R-108", "R-112")]
    public void Algorithm_WithAnyKeyLength_IsSignedAndVerified(string algorithm, byte keyLength)
    {
        Assert.Equal(LinuxErrno.None, _client.Add(ServerAddress, send: 1, recv: 11, edit: add => (add.AlgorithmName, add.KeyLength) = (algorithm, keyLength)));
        Assert.Equal(LinuxErrno.None, _listener.Add(ClientAddress, send: 11, recv: 1, edit: add => (add.AlgorithmName, add.KeyLength) = (algorithm, keyLength)));
        Open();
        _duo.Exchange();
    }

    private void Both(byte client, byte server)
    {
        Assert.Equal(LinuxErrno.None, _client.Add(ServerAddress, send: client, recv: server));
        Assert.Equal(LinuxErrno.None, _listener.Add(ClientAddress, send: server, recv: client));
    }

    private void Open()
    {
        _client.Facts = _client.Facts with { HasPeer = true, Pair = Duo.IPv4 };
        Assert.Equal(LinuxErrno.None, _client.Socket.CheckConnect(_client.Facts));
        byte[] syn = _duo.Client.SendSigned(_duo.Syn);
        _client.Facts = _client.Facts with { State = TcpState.SynSent, Connection = _duo.Client.Connection, Time = _duo.Client.Time };
        Assert.Equal(LinuxErrno.None, _client.Socket.Connect(_client.Facts));
        _duo.Server.MustTake(syn);
        _duo.Client.MustTake(_duo.Server.SendSigned(_duo.SynAck));
        _duo.Server.MustTake(_duo.Client.SendSigned(_duo.FinalAck));
        _client.Facts = _client.Facts with { State = TcpState.Established };
    }

    private SocketFacts ChildFacts() => new(SocketFamily.Inet, TcpState.Established)
    {
        HasPeer = true,
        Pair = Duo.IPv4.Reversed,
        Connection = _duo.Server.Engine.FindConnection(Duo.IPv4.Reversed),
        Time = _duo.Server.Time,
    };

    private SocketRig Establish()
    {
        SocketFacts facts = ChildFacts();
        AoSocket? child = _listener.Socket.Establish(facts);
        Assert.NotNull(child);
        _serverKeys.SetConnected(facts.Pair, child);
        return new SocketRig { Socket = child, Facts = facts };
    }

    private static ulong GoodOf(SocketRig rig) => new TcpAoGetSockOpt(Assert.Single(rig.Records(filter => filter.GetAll = true))).Good;
}
