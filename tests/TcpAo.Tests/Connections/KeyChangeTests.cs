using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>Keys added, removed and changed under a live connection .</summary>
public sealed class KeyChangeTests
{
    private static readonly KeyBoth s_one = KeyBoth.Of(1, 11, secret: "first");
    private static readonly KeyBoth s_two = KeyBoth.Of(2, 12, secret: "second");

    [Fact]
    [Trait("Requirement", "R-017")]
    [Trait("Requirement", "R-055")]
    public void Key_Added_CanBeAskedForAtOnce()
    {
        Duo duo = new Duo(s_one).Open();
        duo.Client.Use(TestSource.Of(s_one.Client, s_two.Client));
        duo.Server.Use(TestSource.Of(s_one.Server, s_two.Server));
        duo.Exchange();
        Assert.True(duo.Client.Connection.SetRNextKey(12));
        Assert.True(duo.Server.Connection.SetRNextKey(2));
        duo.Exchange(10);
        duo.Exchange(20);
        Assert.Equal(((byte)2, (byte)12), EngineEnd.Ids(duo.Client.SendSigned(duo.FromClient(30))));
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public void Key_RemovedWhileInUse_StaysUntilBothDirectionsLeftIt()
    {
        Duo duo = new Duo(s_one).Open();
        duo.Exchange();
        duo.Client.Use(TestSource.Of(s_two.Client));

        // the client signs with key one and asks for key two; the server has only key one yet
        byte[] asking = duo.Client.SendSigned(duo.FromClient(10));
        Assert.Equal(((byte)1, (byte)12), EngineEnd.Ids(asking));
        duo.Server.MustTake(asking);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(10)));

        duo.Server.Use(TestSource.Of(s_two.Server));
        duo.Exchange(20);
        duo.Exchange(30);
        Assert.Equal(((byte)2, (byte)12), EngineEnd.Ids(duo.Client.SendSigned(duo.FromClient(40))));
        Assert.Equal(((byte)12, (byte)2), EngineEnd.Ids(duo.Server.SendSigned(duo.FromServer(40))));
        Assert.Null(duo.Client.Connection.Keys.FindBySendId(1));
        Assert.Null(duo.Server.Connection.Keys.FindBySendId(11));

        var old = new Duo(s_one).Open();
        duo.Server.MustRefuse(old.Client.SendSigned(old.FromClient(50)), DropReason.KeyNotFound);
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public void Key_RemovedAndLeftByUs_StaysWhileThePeerStillSignsWithIt()
    {
        Duo duo = new Duo(TestSource.Of(s_one.Client, s_two.Client), TestSource.Of(s_one.Server, s_two.Server)).Open();
        duo.Exchange();
        duo.Client.Connection.SetRNextKey(12);
        byte[][] underWay = [duo.Client.SendSigned(duo.FromClient(10)), duo.Client.SendSigned(duo.FromClient(20))];

        // the server turns to key two in both directions and drops key one, before the client saw anything of it
        duo.Server.Connection.SetCurrentKey(12);
        duo.Server.Connection.SetRNextKey(2);
        duo.Server.Use(TestSource.Of(s_two.Server));
        duo.Server.MustTake(underWay[0]);
        duo.Server.MustTake(underWay[1]);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(10)));
        duo.Server.MustTake(duo.Client.SendSigned(duo.FromClient(30)));
        Assert.Equal(2, duo.Client.Connection.CurrentKey!.SendId);
        Assert.Null(duo.Server.Connection.Keys.FindByRecvId(1));
    }

    [Fact]
    [Trait("Requirement", "R-016")]
    public void Key_ChangedUnderItsIds_ChangesNoRunningConnection()
    {
        KeyBoth changed = KeyBoth.Of(1, 11, secret: "changed");
        Duo duo = new Duo(s_one).Open();
        duo.Exchange();
        duo.Server.Use(TestSource.Of(changed.Server));
        duo.Exchange(10);
        duo.Client.Use(TestSource.Of(changed.Client));
        duo.Exchange(20);

        // a new connection has the new key
        duo.ClientIsn = 50_000;
        duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);
        duo.Open();
        duo.Exchange();
        Assert.Same(changed.Client.MasterKey, duo.Client.Connection.CurrentKey!.MasterKey);
    }

    [Fact]
    [Trait("Requirement", "R-016")]
    public void Key_ChangedAndLeft_TakesItsNewSecretOnlyThen()
    {
        KeyBoth changed = KeyBoth.Of(1, 11, secret: "changed");
        Duo duo = new Duo(TestSource.Of(s_one.Client, s_two.Client), TestSource.Of(s_one.Server, s_two.Server)).Open();
        duo.Exchange();
        duo.Client.Use(TestSource.Of(changed.Client, s_two.Client));
        duo.Server.Use(TestSource.Of(changed.Server, s_two.Server));
        duo.Exchange(10);
        duo.Server.Connection.SetRNextKey(2);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(20)));

        // now the client signs with two and verifies with one, whose old secret the server still uses
        duo.Server.MustTake(duo.Client.SendSigned(duo.FromClient(20)));
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(30)));
        duo.Client.Connection.SetRNextKey(12);
        duo.Exchange(40);
        duo.Exchange(50);
        Assert.Equal(((byte)2, (byte)12), EngineEnd.Ids(duo.Client.SendSigned(duo.FromClient(60))));

        // both have left it: the new one is there
        Assert.True(duo.Client.Connection.SetRNextKey(11));
        Assert.True(duo.Server.Connection.SetRNextKey(1));
        duo.Exchange(70);
        duo.Exchange(80);
        Assert.Same(changed.Client, duo.Client.Connection.CurrentKey);
    }

    [Fact]
    [Trait("Requirement", "R-045")]
    public void RNextKey_OfTheUser_OutlivesAReloadThatDoesNotConcernIt()
    {
        Duo duo = new Duo(TestSource.Of(s_one.Client, s_two.Client), TestSource.Of(s_one.Server, s_two.Server)).Open();
        duo.Server.Connection.SetRNextKey(2);
        duo.Server.Use(TestSource.Of(KeyBoth.Of(1, 11, secret: "first").Server, KeyBoth.Of(2, 12, secret: "second").Server));
        duo.Exchange();
        Assert.Equal(2, EngineEnd.Ids(duo.Server.SendSigned(duo.FromServer(10))).RNextKeyId);
    }

    [Fact]
    [Trait("Requirement", "R-016")]
    public void Lifetimes_Changed_CountAtOnceAndCountersGoOn()
    {
        Duo duo = new Duo(s_one).Open();
        duo.Exchange();
        ulong good = duo.Client.Connection.GetKeyCounters(duo.Client.Connection.CurrentKey!)!.Good;
        var over = new KeyLifetime(DateTimeOffset.MinValue, EngineEnd.Epoch);
        AoKey ended = KeyBoth.Of(1, 11, secret: "first", send: over).Client;
        duo.Client.Use(TestSource.Of(ended));
        Assert.Null(duo.Client.Send(duo.FromClient(10)));
        Assert.Equal(DropReason.NoSendKey, duo.Client.Last.Reason);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(10)));
        Assert.Equal(good + 1, duo.Client.Connection.GetKeyCounters(ended)!.Good);
    }

    [Fact]
    [Trait("Requirement", "R-016")]
    public void Nat_ChangedByAReload_ChangesNoRunningConnection()
    {
        Duo duo = new Duo(s_one).Open();
        duo.Exchange();
        duo.Client.Use(new TestSource(new ConnectionPolicy("peer", new KeyRing(s_one.Client)) { Nat = NatSides.Local }));
        duo.Exchange(10);
    }

    [Fact]
    [Trait("Requirement", "R-098")]
    public void Peer_TurnedToMd5ByAReload_KeepsItsRunningConnectionSigned()
    {
        var md5 = new AoKey("m", 0, 0, MacAlgorithms.TcpMd5, Secret.FromText("md5"));
        Duo duo = new Duo(s_one).Open();
        duo.Client.Use(TestSource.Of(md5));
        duo.Server.Use(TestSource.Of(md5));
        duo.Exchange();
        duo.Exchange(10);

        // the next one has MD5
        duo.ClientIsn = 77;
        duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        duo.Server.MustTake(syn);
        duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
        Assert.Null(duo.Client.Engine.FindConnection(duo.Client.Pair));
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public void Peer_RemovedByAReload_KeepsItsRunningConnectionOnly()
    {
        Duo duo = new Duo(s_one).Open();
        duo.Client.Use(TestSource.None);
        duo.Server.Use(TestSource.None);
        duo.Exchange();
        duo.Server.MustRefuse(duo.FromClient(10).ToPacket(), DropReason.AoRequired);

        duo.Client.Engine.Close(duo.Client.Pair, duo.Client.Time);
        duo.Server.Engine.Close(duo.Server.Pair, duo.Server.Time);
        duo.ClientIsn = 77;
        Assert.False(EngineEnd.IsSigned(duo.Client.Send(duo.Syn)));
        duo.Server.MustTake(duo.Syn.ToPacket());
        Assert.False(EngineEnd.IsSigned(duo.Server.Send(duo.SynAck)));
    }
}
