using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>Connections that outlive their engine (RFC 5925 section 7.7, TCP_AO_REPAIR).</summary>
[Trait("Requirement", "R-090")]
public sealed class RestoreTests
{
    private static readonly KeyBoth s_one = KeyBoth.Of(1, 11, secret: "first");
    private static readonly KeyBoth s_two = KeyBoth.Of(2, 12, secret: "second");

    [Fact]
    public void Connection_RestoredBeyondAWrap_GoesOnBothWays()
    {
        Duo duo = new Duo { ClientIsn = 0xFFFF_FFF0, ServerIsn = 0xFFFF_FF00 }.Open();
        duo.Exchange(0, 600);
        duo.Client.Restart();
        duo.Server.Restart();
        Assert.Equal((1u, 1u), (duo.Client.Connection.SendSne, duo.Client.Connection.ReceiveSne));
        duo.Exchange(600);
        duo.Client.Restart();
        duo.Exchange(0, 5); // from before the wrap
        duo.Server.Restart();
        duo.Exchange(610);
        Assert.Equal((1u, 1u), (duo.Server.Connection.SendSne, duo.Server.Connection.ReceiveSne));
    }

    [Fact]
    public void Connection_RestoredWrongly_FailsAtThePeer()
    {
        Func<SavedConnection, SavedConnection>[] corruptions =
        [
            saved => saved with { LocalIsn = saved.LocalIsn + 1 },
            saved => saved with { RemoteIsn = saved.RemoteIsn ^ 1 },
            saved => saved with { SendSne = 3 },
            saved => saved with { SendSequence = saved.SendSequence + 0x9000_0000, SendSne = 1 },
        ];
        foreach (Func<SavedConnection, SavedConnection> corrupt in corruptions)
        {
            Duo duo = new Duo().Open();
            duo.Exchange();
            duo.Client.Restart(corrupt);
            duo.Server.MustRefuse(duo.Client.SendSigned(duo.FromClient(10)), DropReason.MacMismatch);
        }

        Duo other = new Duo().Open();
        other.Client.Restart(saved => saved with { ReceiveSne = 1 });
        other.Client.MustRefuse(other.Server.SendSigned(other.FromServer(0)), DropReason.MacMismatch);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Keys_InUse_AreTheSameAfterwards(bool bySocket)
    {
        TestSource Source(params AoKey[] keys) => bySocket ? TestSource.Socket(keys) : TestSource.Of(keys);

        Duo duo = new Duo(Source(s_one.Client, s_two.Client), Source(s_one.Server, s_two.Server)).Open();
        duo.Server.Connection.SetRNextKey(2);
        duo.Exchange();
        duo.Exchange(10);
        Assert.Equal(2, duo.Client.Connection.CurrentKey!.SendId);
        duo.Client.Restart();
        Assert.Equal(2, EngineEnd.Ids(duo.Client.SendSigned(duo.FromClient(20))).KeyId);
        duo.Exchange(20);
    }

    [Fact]
    public void Handshake_Restored_CanBeFinished()
    {
        var duo = new Duo();
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        duo.Client.Restart();
        duo.Server.MustTake(syn);
        byte[] synAck = duo.Server.SendSigned(duo.SynAck);
        duo.Server.Restart();
        Assert.Equal(synAck, duo.Server.SendSigned(duo.SynAck));
        duo.Client.MustTake(synAck);
        duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        duo.Exchange();
        Assert.Equal(long.MaxValue, duo.Client.Engine.Tick(duo.Client.Time));
    }

    [Theory]
    [InlineData(ConnectionState.Synchronized)]
    [InlineData(ConnectionState.Closed)]
    [InlineData(ConnectionState.SynSent)]
    public void Connection_RestoredWhileItEnds_IsForgottenLikeAnyOther(ConnectionState state)
    {
        var options = new AoEngineOptions();
        Duo duo = new Duo().Open();
        duo.Now = 5000;
        duo.Client.Restart(saved => saved with { State = state });
        long expected = state switch
        {
            ConnectionState.Synchronized => long.MaxValue,
            ConnectionState.Closed => 5000 + options.ClosedLifetime,
            _ => 5000 + options.HandshakeLifetime,
        };
        Assert.Equal(expected, duo.Client.Engine.Tick(duo.Client.Time));
    }

    [Fact]
    public void Connection_WithoutKeysForItOrRoom_IsNotRestored()
    {
        Duo duo = new Duo().Open();
        SavedConnection saved = duo.Client.Connection.Save();
        var md5 = new AoKey("m", 0, 0, MacAlgorithms.TcpMd5, Secret.FromText("md5"));
        Assert.Null(new AoEngine(TestSource.None).Restore(saved, duo.Client.Time));
        Assert.Null(new AoEngine(TestSource.Of(md5)).Restore(saved, duo.Client.Time));
        Assert.Null(new AoEngine(duo.Client.Keys, new AoEngineOptions { MaxConnections = 0 }).Restore(saved, duo.Client.Time));
        Assert.NotNull(duo.Client.Engine.Restore(saved, duo.Client.Time));
        duo.Exchange();
    }
}
