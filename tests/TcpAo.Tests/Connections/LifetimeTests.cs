using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>Lifetimes under a live connection where not all goes as planned: peers that do not follow, clocks that are set, keys that overlap or leave a gap (RFC 8177, RFC 5925 section 6.1).</summary>
public sealed class LifetimeTests
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;

    private static readonly KeyLifetime s_firstHour = new(DateTimeOffset.MinValue, At(Hour));

    private static DateTimeOffset At(long milliseconds) => EngineEnd.Epoch.AddMilliseconds(milliseconds);

    /// <summary>Key one for an hour, key two from half an hour on for ever; accepted some minutes longer at both ends.</summary>
    private static KeyBoth[] Overlapping()
    {
        var second = new KeyLifetime(At(Hour / 2), DateTimeOffset.MaxValue);
        var tolerance = TimeSpan.FromMinutes(5);
        return
        [
            KeyBoth.Of(1, 11, secret: "first", send: s_firstHour, accept: s_firstHour.Widen(tolerance)),
            KeyBoth.Of(2, 12, secret: "second", send: second, accept: second.Widen(tolerance)),
        ];
    }

    private static KeyBoth[] Gapped()
    {
        var second = new KeyLifetime(At(2 * Hour), DateTimeOffset.MaxValue);
        return
        [
            KeyBoth.Of(1, 11, secret: "first", send: s_firstHour, accept: s_firstHour),
            KeyBoth.Of(2, 12, secret: "second", send: second, accept: second),
        ];
    }

    private static Duo Open(KeyBoth[] keys) =>
        new Duo(TestSource.Of([.. keys.Select(key => key.Client)]), TestSource.Of([.. keys.Select(key => key.Server)])).Open();

    [Fact]
    [Trait("Requirement", "R-045")]
    [Trait("Requirement", "R-122")]
    public void Lifetimes_ThatOverlap_RollWhenTheNewKeyMaySignAndNotBefore()
    {
        Duo duo = Open(Overlapping());
        duo.Now = (Hour / 2) - Minute;
        duo.Exchange();
        duo.Exchange(10);

        // asked for, and not used yet
        Assert.Equal((1, 12), (duo.Client.Connection.CurrentKey!.SendId, duo.Client.Connection.RNextKey!.RecvId));
        duo.Now = Hour / 2;
        duo.Exchange(20);
        duo.Exchange(30);
        Assert.Equal((2, 12), (duo.Client.Connection.CurrentKey!.SendId, duo.Server.Connection.CurrentKey!.SendId));
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    [Trait("Requirement", "R-046")]
    public void Peer_ThatNeverFollows_KeepsItsConnectionAndIsToldOfOnce()
    {
        Duo duo = Open(Overlapping());
        duo.Exchange();

        // its clock stands still, so to say: it goes on with key one, and understands key two
        duo.Client.Now = 3 * Day;
        for (uint i = 1; i < 5; i++)
        {
            byte[] ours = duo.Client.SendSigned(duo.FromClient(i * 10));
            Assert.Equal(((byte)2, (byte)12), EngineEnd.Ids(ours));
            byte[] theirs = duo.Server.SendSigned(duo.FromServer(i * 10));
            Assert.Equal(11, EngineEnd.Ids(theirs).KeyId);
            duo.Client.MustTake(theirs);
        }

        Assert.Equal(11, duo.Client.Event(AoEventKind.PeerKeyOver).KeyId);
        Assert.Equal((11, 12), (duo.Client.Connection.LastKeyId!.Value, duo.Client.Connection.RNextKey!.RecvId));

        // another connection does not begin with a key that is over
        Duo another = Open(Overlapping());
        another.Client.Now = 3 * Day;
        another.Client.MustRefuse(NewSyn(another.Server), DropReason.KeyNotAccepted);
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public void Peer_ThatFollowsAtLast_LeavesTheOldKeyForGood()
    {
        Duo duo = Open(Overlapping());
        duo.Exchange();
        duo.Client.Now = 3 * Day;
        byte[] late = duo.Server.SendSigned(duo.FromServer(10));
        duo.Client.MustTake(late);
        duo.Server.Now = 3 * Day;
        duo.Exchange(20);
        duo.Client.MustRefuse(late, DropReason.KeyNotAccepted);
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    [Trait("Requirement", "R-090")]
    public void Peer_ThatNeverFollows_KeepsItsConnectionOverARestart()
    {
        Duo duo = Open(Overlapping());
        duo.Exchange();
        duo.Client.Now = 3 * Day;
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(10)));
        duo.Client.Restart();
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(20)));
    }

    [Fact]
    [Trait("Requirement", "R-122")]
    public void Segment_UnderWayWhenItsKeyEnds_IsTakenFor2Minutes()
    {
        Duo duo = Open(Overlapping());
        duo.Now = Hour / 2;
        byte[] late = duo.Server.SendSigned(duo.FromServer(0));
        duo.Exchange(10);
        duo.Exchange(20);
        Assert.Equal(12, duo.Client.Connection.LastKeyId!.Value);
        duo.Now = Hour + (7 * Minute) - 1;
        duo.Client.MustTake(late);
        duo.Exchange(30);
        duo.Exchange(40);
        duo.Now = Hour + (7 * Minute);
        duo.Client.MustRefuse(late, DropReason.KeyNotAccepted);
    }

    [Fact]
    [Trait("Requirement", "R-046")]
    public void Peer_ThatGoesBack_IsFollowedAsLongAsTheOldKeyMaySign()
    {
        Duo duo = Open(Overlapping());
        duo.Now = Hour / 2;
        duo.Exchange();
        duo.Exchange(10);
        Assert.Equal(2, duo.Client.Connection.CurrentKey!.SendId);
        duo.Server.Connection.SetRNextKey(1);
        duo.Exchange(20);
        duo.Exchange(30);
        Assert.Equal(1, duo.Client.Connection.CurrentKey!.SendId);

        // when that is over we sign with the next one, whatever it asks for
        duo.Now = Hour;
        duo.Exchange(40);
        Assert.Equal(1, duo.Server.Connection.RNextKey!.RecvId);
        Assert.Equal(((byte)2, (byte)12), EngineEnd.Ids(duo.Client.SendSigned(duo.FromClient(50))));
    }

    [Fact]
    [Trait("Requirement", "R-024")]
    [Trait("Requirement", "R-123")]
    public void Lifetimes_WithAGap_HoldTheConnectionAndGoOnWithTheNextKey()
    {
        Duo duo = Open(Gapped());
        duo.Exchange();
        byte[] late = duo.Server.SendSigned(duo.FromServer(10));
        duo.Now = Hour;
        Assert.Null(duo.Client.Send(duo.FromClient(10)));
        Assert.Equal(DropReason.NoSendKey, duo.Client.Last.Reason);

        // no key is accepted: that means nothing is, neither under the old key nor unsigned
        duo.Client.MustRefuse(late, DropReason.KeyNotAccepted);
        duo.Client.MustRefuse(duo.FromServer(10).ToPacket(), DropReason.AoRequired);
        duo.Now = 2 * Hour;
        duo.Exchange(10);
        duo.Exchange(20);
        Assert.Equal((2, 12), (duo.Client.Connection.CurrentKey!.SendId, duo.Server.Connection.CurrentKey!.SendId));
    }

    [Theory]
    [InlineData(PeerMode.Required)]
    [InlineData(PeerMode.Optional)]
    [Trait("Requirement", "R-066")]
    [Trait("Requirement", "R-075")]
    public void Keys_AllClosedForReceiving_NeverMeanThatAllIsAccepted(PeerMode mode)
    {
        KeyBoth key = KeyBoth.Of(accept: s_firstHour, send: KeyLifetime.Always);
        Duo duo = new Duo(TestSource.Of(mode, key.Client), TestSource.Of(mode, key.Server)).Open();
        duo.Exchange();
        duo.Now = Day;
        duo.Client.MustRefuse(duo.Server.SendSigned(duo.FromServer(10)), DropReason.KeyNotAccepted);
        duo.Client.MustRefuse(duo.FromServer(10).ToPacket(), DropReason.AoRequired);

        // nor for a new connection, where signing is the rule
        EngineEnd server = new(duo.Server.Pair, TestSource.Of(key.Server)) { Now = Day };
        server.MustRefuse(duo.Client.Send(duo.Syn), DropReason.KeyNotAccepted);
        server.MustRefuse(duo.Syn.ToPacket(), DropReason.AoRequired);
    }

    [Fact]
    [Trait("Requirement", "R-024")]
    public void Key_ThatIsTheLastOneAndOver_HoldsTheConnectionAndIsThereAgainWithANewLifetime()
    {
        KeyBoth key = KeyBoth.Of(send: s_firstHour, accept: s_firstHour);
        Duo duo = Open([key]);
        duo.Exchange();
        duo.Now = Day;
        Assert.Null(duo.Client.Send(duo.FromClient(10)));
        Assert.NotNull(duo.Client.Connection.CurrentKey);
        Assert.Equal(DropReason.NoSendKey, duo.Client.Event(AoEventKind.NotSent).Reason);

        // the operator gives it longer
        KeyBoth longer = KeyBoth.Of();
        duo.Client.Use(TestSource.Of(longer.Client));
        duo.Server.Use(TestSource.Of(longer.Server));
        duo.Exchange(10);
    }

    [Theory]
    [InlineData(-30 * Day)]
    [InlineData(30 * Day)]
    [Trait("Requirement", "R-122")]
    public void Clock_SetFarOffAndRightAgain_EndsNoConnection(long error)
    {
        Duo duo = Open(Overlapping());
        duo.Now = 2 * Hour;
        duo.Exchange();
        duo.Exchange(10);
        duo.Client.ClockError = TimeSpan.FromMilliseconds(error);

        // back: what we would sign with, nobody accepts; what the peer signs with is in use and stays accepted
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(20)));
        duo.Client.Send(duo.FromClient(20));
        duo.Client.ClockError = TimeSpan.Zero;
        duo.Exchange(30);
        duo.Exchange(40);
        Assert.Equal((2, 12), (duo.Client.Connection.CurrentKey!.SendId, duo.Server.Connection.CurrentKey!.SendId));
    }

    [Fact]
    [Trait("Requirement", "R-045")]
    [Trait("Requirement", "R-122")]
    public void Host_SuspendedOverWholeLifetimes_GoesOnWithTheKeyOfToday()
    {
        // one key a day; the client sleeps from the first to the fifth
        KeyBoth[] keys = [.. Enumerable.Range(0, 6).Select(i =>
        {
            var send = new KeyLifetime(At(i * Day), At(((i + 1) * Day) + Hour));
            return KeyBoth.Of((byte)(i + 1), (byte)(i + 11), secret: $"day {i}", send: send, accept: send.Widen(TimeSpan.FromMinutes(5)));
        })];
        Duo duo = Open(keys);
        duo.Exchange();
        duo.Now = 4 * Day;

        // the peer, awake, sends first: with the key of today, although nobody asked for it
        byte[] theirs = duo.Server.SendSigned(duo.FromServer(10));
        Assert.Equal(15, EngineEnd.Ids(theirs).KeyId);
        duo.Client.MustTake(theirs);
        duo.Exchange(20);
        Assert.Equal((5, 15), (duo.Client.Connection.CurrentKey!.SendId, duo.Server.Connection.CurrentKey!.SendId));
    }

    private static byte[]? NewSyn(EngineEnd end) =>
        end.Send(new TestSegment(end.Pair with { LocalPort = 50_000 }, TcpFlags.Syn, 77) { Options = Duo.SynOptions });
}
