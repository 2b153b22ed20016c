using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>current_key and rnext_key: who changes them, and who does not (RFC 5925 sections 4, 6.1 and 7.5).</summary>
public sealed class KeyChoiceTests
{
    private static readonly KeyBoth s_one = KeyBoth.Of(1, 11, secret: "first");
    private static readonly KeyBoth s_two = KeyBoth.Of(2, 12, secret: "second");

    private static Duo TwoKeys() => new Duo(TestSource.Of(s_one.Client, s_two.Client), TestSource.Of(s_one.Server, s_two.Server)).Open();

    [Fact]
    [Trait("Requirement", "R-025")]
    [Trait("Requirement", "R-026")]
    [Trait("Requirement", "R-073")]
    public void RNextKeyId_OfAKnownKey_SwitchesCurrentKey()
    {
        Duo duo = TwoKeys();
        duo.Exchange();
        Assert.True(duo.Server.Connection.SetRNextKey(2));
        byte[] asking = duo.Server.SendSigned(duo.FromServer(0));
        Assert.Equal(((byte)11, (byte)2), EngineEnd.Ids(asking));
        duo.Client.MustTake(asking);

        byte[] answer = duo.Client.SendSigned(duo.FromClient(0));
        Assert.Equal(((byte)2, (byte)11), EngineEnd.Ids(answer));
        duo.Server.MustTake(answer);
        AoEvent request = duo.Client.Event(AoEventKind.RNextRequest);
        Assert.Equal((1, 2), (request.KeyId, request.RNextKeyId));
        Assert.Equal(2, duo.Client.Event(AoEventKind.CurrentKeyChanged).KeyId);
    }

    [Fact]
    [Trait("Requirement", "R-073")]
    [Trait("Requirement", "R-074")]
    public void RNextKeyId_OfASegmentThatDoesNotVerify_SwitchesNothing()
    {
        Duo duo = TwoKeys();
        duo.Server.Connection.SetRNextKey(2);
        byte[] asking = duo.Server.SendSigned(duo.FromServer(0));
        asking[^1] ^= 1;
        duo.Client.MustRefuse(asking, DropReason.MacMismatch);
        Assert.Equal(1, duo.Client.Connection.CurrentKey!.SendId);
    }

    [Fact]
    [Trait("Requirement", "R-073")]
    public void RNextKeyId_OfNoKey_IsIgnored()
    {
        Duo duo = new Duo(TestSource.Of(s_one.Client), TestSource.Of(s_one.Server, s_two.Server)).Open();
        duo.Server.Connection.SetRNextKey(2);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(0)));
        Assert.Equal(1, duo.Client.Connection.CurrentKey!.SendId);
        duo.Exchange(10);
    }

    [Fact]
    [Trait("Requirement", "R-046")]
    public void RNextKeyId_OfALateSegment_GoesBackAndForthAgain()
    {
        Duo duo = TwoKeys();
        byte[] late = duo.Server.SendSigned(duo.FromServer(0));
        duo.Server.Connection.SetRNextKey(2);
        byte[] asking = duo.Server.SendSigned(duo.FromServer(10));
        duo.Client.MustTake(asking);
        Assert.Equal(2, duo.Client.Connection.CurrentKey!.SendId);
        duo.Client.MustTake(late);
        Assert.Equal(1, duo.Client.Connection.CurrentKey!.SendId);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(20)));
        Assert.Equal(2, duo.Client.Connection.CurrentKey!.SendId);
    }

    [Fact]
    [Trait("Requirement", "R-045")]
    public void RNextKey_WhateverThePeerDoes_StaysOurs()
    {
        Duo duo = TwoKeys();
        duo.Server.Connection.SetRNextKey(2);
        for (uint i = 0; i < 5; i++)
        {
            duo.Exchange(i * 10);
        }

        Assert.Equal(2, duo.Client.Connection.CurrentKey!.SendId);
        Assert.Equal(11, duo.Client.Connection.RNextKey!.RecvId);
        Assert.Equal(2, duo.Server.Connection.RNextKey!.RecvId);
    }

    [Fact]
    [Trait("Requirement", "R-057")]
    public void CurrentKey_SetByTheUser_SignsUntilThePeerAsks()
    {
        Duo duo = TwoKeys();
        Assert.False(duo.Client.Connection.SetCurrentKey(99));
        Assert.False(duo.Client.Connection.SetRNextKey(99));
        Assert.True(duo.Client.Connection.SetCurrentKey(2));
        byte[] packet = duo.Client.SendSigned(duo.FromClient(0));
        Assert.Equal(((byte)2, (byte)11), EngineEnd.Ids(packet));
        duo.Server.MustTake(packet);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(0)));
        Assert.Equal(1, duo.Client.Connection.CurrentKey!.SendId);
    }

    [Fact]
    public void CurrentKey_SetToOneThatMayNotSign_IsReplacedNotHeldOnTo()
    {
        KeyBoth silent = KeyBoth.Of(3, 13, send: KeyLifetime.Never);
        Duo duo = new Duo(TestSource.Of(s_one.Client, silent.Client), TestSource.Of(s_one.Server, silent.Server)).Open();
        duo.Client.Connection.SetCurrentKey(3);
        Assert.Equal(1, EngineEnd.Ids(duo.Client.SendSigned(duo.FromClient(0))).KeyId);
    }

    [Fact]
    [Trait("Requirement", "R-058")]
    public void Ids_OfTheLastVerifiedSegment_AreKnown()
    {
        Duo duo = TwoKeys();
        duo.Server.Connection.SetRNextKey(2);
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(0)));
        Assert.Equal(((byte)11, (byte)2), (duo.Client.Connection.LastKeyId, duo.Client.Connection.LastRNextKeyId));
        byte[] bad = duo.Server.SendSigned(duo.FromServer(10));
        bad[^1] ^= 1;
        duo.Server.Connection.SetRNextKey(1);
        duo.Client.MustRefuse(bad, DropReason.MacMismatch);
        Assert.Equal(((byte)11, (byte)2), (duo.Client.Connection.LastKeyId, duo.Client.Connection.LastRNextKeyId));
    }

    [Fact]
    [Trait("Requirement", "R-046")]
    public void CurrentKey_Locked_StaysAlthoughThePeerAsks()
    {
        Duo duo = TwoKeys();
        duo.Client.Connection.LockCurrentKey = true;
        duo.Server.Connection.SetRNextKey(2);
        duo.Exchange();
        duo.Exchange(10);
        Assert.Equal(1, duo.Client.Connection.CurrentKey!.SendId);
        duo.Client.Connection.LockCurrentKey = false;
        duo.Exchange(20);
        Assert.Equal(2, duo.Client.Connection.CurrentKey!.SendId);
    }

    [Fact]
    [Trait("Requirement", "R-046")]
    public void CurrentKey_LockedByThePolicy_StaysUntilThePolicyLetsItGo()
    {
        KeyBoth one = KeyBoth.Of(1, 11);
        KeyBoth two = KeyBoth.Of(2, 12);
        var keys = new KeyRing(one.Server, two.Server);
        var duo = new Duo(TestSource.Of(one.Client, two.Client), new TestSource(new ConnectionPolicy("peer", keys) { LockCurrentKey = true, LockRNextKey = true }));
        duo.Open();
        Assert.True(duo.Server.Connection.LockRNextKey);
        duo.Client.Connection.SetRNextKey(12);
        duo.Exchange();
        duo.Exchange(10);
        Assert.Equal(11, duo.Server.Connection.CurrentKey!.SendId);
        duo.Server.Use(new TestSource(new ConnectionPolicy("peer", keys)));
        duo.Exchange(20);
        duo.Exchange(30);
        Assert.Equal(12, duo.Server.Connection.CurrentKey!.SendId);
        Assert.False(duo.Server.Connection.LockRNextKey);
    }

    [Theory]
    [InlineData(false, 12)]
    [InlineData(true, 11)]
    [Trait("Requirement", "R-045")]
    public void RNextKey_WhenALongerLifetimeBegins_FollowsUnlessLocked(bool isLocked, byte expected)
    {
        DateTimeOffset soon = EngineEnd.Epoch.AddMinutes(1);
        var first = new KeyLifetime(DateTimeOffset.MinValue, EngineEnd.Epoch.AddHours(1));
        var second = new KeyLifetime(soon, EngineEnd.Epoch.AddHours(2));
        KeyBoth one = KeyBoth.Of(1, 11, send: first, accept: first);
        KeyBoth two = KeyBoth.Of(2, 12, send: second, accept: second);
        Duo duo = new Duo(TestSource.Of(one.Client, two.Client), TestSource.Of(one.Server, two.Server)).Open();
        duo.Exchange();
        duo.Client.Connection.LockRNextKey = isLocked;
        Assert.Equal(11, duo.Client.Connection.RNextKey!.RecvId);
        duo.Now = 60_000;
        duo.Exchange(10);
        duo.Exchange(20);
        Assert.Equal(expected, duo.Client.Connection.RNextKey!.RecvId);
        Assert.Equal(2, duo.Client.Connection.CurrentKey!.SendId);
        Assert.Equal(isLocked ? 11 : 12, duo.Server.Connection.CurrentKey!.SendId);
    }

    [Fact]
    [Trait("Requirement", "R-123")]
    public void Keys_ForOneDirectionOnly_AreUsedForThatDirection()
    {
        // NOSEND at the client is NORECV at the server
        var clientReceives = new KeyBoth(
            KeyBoth.Of(1, 11, send: KeyLifetime.Never).Client, KeyBoth.Of(1, 11, accept: KeyLifetime.Never).Server);
        var clientSends = new KeyBoth(
            KeyBoth.Of(2, 12, accept: KeyLifetime.Never).Client, KeyBoth.Of(2, 12, send: KeyLifetime.Never).Server);
        var duo = new Duo(TestSource.Of(clientReceives.Client, clientSends.Client), TestSource.Of(clientReceives.Server, clientSends.Server));
        Assert.Equal(((byte)2, (byte)11), EngineEnd.Ids(duo.Client.SendSigned(duo.Syn)));
        duo.Open();
        duo.Exchange();
        Assert.Equal(((byte)11, (byte)2), EngineEnd.Ids(duo.Server.SendSigned(duo.FromServer(10))));

        // what the client's key may not verify is refused although the MAC would be right
        var liar = new Duo(TestSource.Of(KeyBoth.Of(2, 12).Client), TestSource.Of(KeyBoth.Of(2, 12).Server)).Open();
        duo.Client.MustRefuse(liar.Server.SendSigned(liar.FromServer(10)), DropReason.KeyNotAccepted);
    }

    [Fact]
    [Trait("Requirement", "R-024")]
    public void Segment_WhenAllSendLifetimesAreOver_IsHeldBackNeverUnsigned()
    {
        var send = new KeyLifetime(DateTimeOffset.MinValue, EngineEnd.Epoch.AddMinutes(1));
        KeyBoth key = KeyBoth.Of(send: send);
        Duo duo = new Duo(key).Open();
        duo.Exchange();
        duo.Now = 60_000;
        Assert.Null(duo.Client.Send(duo.FromClient(10)));
        Assert.Equal(DropReason.NoSendKey, duo.Client.Last.Reason);
        Assert.Null(duo.Client.Send(duo.Syn));
        Assert.Equal(DropReason.NoSendKey, duo.Client.Last.Reason);
        Assert.Equal(DropReason.NoSendKey, duo.Client.Events[^1].Reason);
        Assert.Null(new EngineEnd(duo.Client.Pair, duo.Client.Keys) { Now = 60_000 }.Send(duo.Syn));

        // wall-clock time may go back
        duo.Now = 30_000;
        Assert.NotNull(duo.Server.Send(duo.FromServer(10)));
    }

    [Fact]
    [Trait("Requirement", "R-122")]
    public void Segment_UnderAKeyThatIsNotAcceptedNow_IsRefused()
    {
        var accept = new KeyLifetime(EngineEnd.Epoch.AddMinutes(1), EngineEnd.Epoch.AddMinutes(2));
        var duo = new Duo(TestSource.Of(KeyBoth.Of().Client), TestSource.Of(KeyBoth.Of(accept: accept).Server));
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        duo.Server.MustRefuse(syn, DropReason.KeyNotAccepted);
        duo.Now = 60_000;
        duo.Open();
        duo.Exchange();
        duo.Now = 120_000;
        duo.Server.MustRefuse(duo.Client.SendSigned(duo.FromClient(10)), DropReason.KeyNotAccepted);
    }
}
