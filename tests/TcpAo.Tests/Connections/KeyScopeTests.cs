using System.Net;
using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Keys;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>Keys by socket, by policy and by both: where the two systems differ (linux-uapi 4.6).</summary>
public sealed class KeyScopeTests
{
    private static readonly KeyBoth s_one = KeyBoth.Of(1, 11, secret: "first");
    private static readonly KeyBoth s_two = KeyBoth.Of(2, 12, secret: "second");
    private static readonly KeyBoth s_three = KeyBoth.Of(3, 13, secret: "third");

    [Fact]
    public void Connect_BySocket_BeginsWithTheKeyAddedLast()
    {
        var duo = new Duo(SocketKeys(s_one.Client, s_two.Client), TestSource.Socket(s_one.Server, s_two.Server));
        Assert.Equal(((byte)2, (byte)12), EngineEnd.Ids(duo.Client.SendSigned(duo.Syn)));
    }

    [Fact]
    public void Accept_BySocket_TakesTheKeysThatTheSynNames()
    {
        var duo = new Duo(SocketKeys(s_two.Client, s_one.Client), ListenerKeys(s_one.Server, s_two.Server, s_three.Server));
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        byte[] synAck = duo.Server.SendSigned(duo.SynAck);
        Assert.Equal(((byte)11, (byte)1), EngineEnd.Ids(synAck));
        duo.Client.MustTake(synAck);
        duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        duo.Exchange();
        Assert.Equal((11, 1), (duo.Server.Connection.CurrentKey!.SendId, duo.Server.Connection.RNextKey!.RecvId));
    }

    [Fact]
    [Trait("Requirement", "R-073")]
    public void Accept_BySocketAndRNextKeyIdUnknown_SendsNoSynAckNorRepeatsOne()
    {
        // the client asks for key two, which the listener does not have
        var duo = new Duo(TestSource.Socket(s_one.Client, s_two.Client), ListenerKeys(s_one.Server));
        duo.Client.Send(duo.Syn);
        duo.Client.Connection.SetRNextKey(12);
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        Assert.Equal(((byte)1, (byte)12), EngineEnd.Ids(syn));
        duo.Server.MustTake(syn);
        Assert.Equal(1ul, duo.Server.Engine.Counters.Good);
        for (int i = 0; i < 3; i++)
        {
            Assert.Null(duo.Server.Send(duo.SynAck));
            Assert.Equal(DropReason.RNextKeyNotFound, duo.Server.Last.Reason);
            duo.Server.MustTake(syn);
        }

        AoEvent first = duo.Server.Events.First(e => e.Kind == AoEventKind.SynAckNoKey);
        Assert.Equal((12, 1), (first.KeyId, first.RNextKeyId));

        // once the key is there, the next SYN-ACK goes out
        duo.Server.Use(ListenerKeys(s_one.Server, s_two.Server));
        byte[] synAck = duo.Server.SendSigned(duo.SynAck);
        Assert.Equal(((byte)12, (byte)1), EngineEnd.Ids(synAck));
        duo.Client.MustTake(synAck);
        duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        duo.Exchange();
    }

    [Fact]
    public void Accept_ByPolicyAndRNextKeyIdUnknown_AnswersWithOurChoice()
    {
        var duo = new Duo(TestSource.Of(s_one.Client, s_two.Client), TestSource.Of(s_one.Server));
        duo.Client.Send(duo.Syn);
        duo.Client.Connection.SetRNextKey(12);
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        byte[] synAck = duo.Server.SendSigned(duo.SynAck);
        Assert.Equal(((byte)11, (byte)1), EngineEnd.Ids(synAck));
        duo.Client.MustTake(synAck);
        duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        duo.Exchange();
    }

    [Fact]
    public void Find_BySocket_PrefersTheConnectedSocketToTheListener()
    {
        var keys = new SocketKeySource();
        SocketPair pair = Duo.IPv4.Reversed;
        Assert.Null(keys.Find(pair));
        keys.SetListener(default, 179, Table(s_one.Server));
        Assert.Equal(11, keys.Find(pair)!.Keys.Keys.Single().SendId);
        Assert.Same(keys.Find(pair), keys.Find(pair));
        keys.SetListener(pair.Local, 179, Table(s_two.Server));
        Assert.Equal(12, keys.Find(pair)!.Keys.Keys.Single().SendId);
        Assert.True(keys.SetConnected(pair, Table(s_three.Server)));
        Assert.Equal(13, keys.Find(pair)!.Keys.Keys.Single().SendId);
        Assert.Equal(12, keys.Find(pair with { RemotePort = 1 })!.Keys.Keys.Single().SendId);
        keys.Remove(pair);
        Assert.Equal(12, keys.Find(pair)!.Keys.Keys.Single().SendId);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Find_BySocketWithoutAKeyForThePeer_DependsOnAoRequired(bool aoRequired)
    {
        var keys = new SocketKeySource();
        MktTable other = Table(Matches.Prefix("203.0.113.1/32"), s_one.Server);
        Assert.Equal(aoRequired, keys.SetConnected(Duo.IPv4.Reversed, other, aoRequired));
        keys.Remove(Duo.IPv4.Reversed);
        keys.SetListener(default, 179, other, aoRequired);
        var duo = new Duo(TestSource.None, keys);
        Assert.Equal(aoRequired ? AoDecision.Drop(DropReason.AoRequired) : AoDecision.Pass, duo.Server.Receive(duo.Syn.ToPacket()));
    }

    [Fact]
    public void Find_Layered_AsksThePolicyFirst()
    {
        var policy = new TestSource(pair => pair.RemotePort == 40000 ? new ConnectionPolicy("policy", new KeyRing(s_one.Server)) : null);
        var layered = new LayeredKeySource(policy, ListenerKeys(s_two.Server));
        Assert.Equal("policy", layered.Find(Duo.IPv4.Reversed)!.Name);
        ConnectionPolicy other = layered.Find(Duo.IPv4.Reversed with { RemotePort = 40001 })!;
        Assert.Equal((KeyScope.Socket, 12), (other.Scope, other.Keys.Keys.Single().SendId));
        Assert.Null(layered.Find(Duo.IPv4.Reversed with { RemotePort = 40001, LocalPort = 180 }));
    }

    [Fact]
    [Trait("Requirement", "R-021")]
    public void Find_ByPolicy_GivesTheMostSpecificPeer()
    {
        ConnectionPolicy wide = new("wide", new KeyRing(s_one.Server));
        ConnectionPolicy narrow = new("narrow", new KeyRing(s_two.Server));
        PeerTable<ConnectionPolicy>? table = PeerTable.Build(
            [
                ("wide", [Match("192.0.2.0/24")], wide),
                ("narrow", [Match("192.0.2.1/32")], narrow),
            ],
            out _);
        var source = new PolicyKeySource(table!);
        Assert.Same(narrow, source.Find(Duo.IPv4.Reversed));
        Assert.Same(wide, source.Find(Duo.IPv4.Reversed with { Remote = IpAddressBits.From(IPAddress.Parse("192.0.2.7")) }));
        Assert.Null(source.Find(Duo.IPv6));
    }

    [Fact]
    public void Rings_WithEqualIds_AreRefusedAndHeldKeysWin()
    {
        Assert.Throws<ArgumentException>(() => new KeyRing(s_one.Client, KeyBoth.Of(1, 99).Client));
        Assert.Throws<ArgumentException>(() => new KeyRing(s_one.Client, KeyBoth.Of(99, 11).Client));
        AoKey changed = KeyBoth.Of(1, 11, secret: "changed").Client;
        AoKey changedAgain = KeyBoth.Of(1, 11, secret: "changed again").Client;
        var ring = new KeyRing(s_two.Client, changed);
        Assert.Same(ring, ring.Holding(s_two.Client, null, changed));
        KeyRing held = ring.Holding(s_one.Client, changedAgain, s_three.Client, s_one.Client);
        Assert.Equal([s_one.Client, s_three.Client, s_two.Client], held.Keys);
    }

    private static ConnectionMatch Match(string remote) => Matches.Match(remote);

    private static SocketKeySource SocketKeys(params AoKey[] keys)
    {
        var source = new SocketKeySource();
        Assert.True(source.SetConnected(Duo.IPv4, Table(keys)));
        return source;
    }

    private static SocketKeySource ListenerKeys(params AoKey[] keys)
    {
        var source = new SocketKeySource();
        source.SetListener(default, 179, Table(keys));
        return source;
    }

    private static MktTable Table(params AoKey[] keys) => Table(default, keys);

    private static MktTable Table(IpPrefix remote, params AoKey[] keys)
    {
        var builder = new MktTableBuilder();
        foreach (AoKey key in keys)
        {
            Assert.True(builder.TryAdd(new MasterKeyTuple(new ConnectionMatch(remote, default, default, default), key)).IsAdded);
        }

        return builder.Build();
    }
}
