using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Tests.Wire;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>Peers with TCP MD5 (RFC 2385, RFC 5925 section 8).</summary>
[Trait("Requirement", "R-097")]
public sealed class Md5PeerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connection_WithTcpMd5_IsSignedBothWaysFromTheFirstSegmentOn(bool isIPv6)
    {
        var duo = new Duo(TestSource.Of(Key("secret")), TestSource.Of(Key("secret")), isIPv6 ? Duo.IPv6 : Duo.IPv4);
        duo.Open();
        duo.Exchange();
        duo.Server.MustTake(duo.Client.SendSigned(duo.FromClient(10, 0, TcpFlags.Rst)));
        Assert.Empty(duo.Server.Engine.Connections);
        byte[] signed = duo.Client.SendSigned(duo.FromClient(10));
        TcpPacket.TryParse(signed, out TcpPacket packet);
        Assert.True(packet.HasMd5 && !packet.HasAo);
    }

    [Fact]
    public void Segment_DigestWrongOrMissing_IsRefused()
    {
        var duo = new Duo(TestSource.Of(Key("secret")), TestSource.Of(Key("other")));
        duo.Server.MustRefuse(duo.Client.SendSigned(duo.Syn), DropReason.MacMismatch);
        duo.Server.MustRefuse(duo.Syn.ToPacket(), DropReason.Md5Required);
        Assert.Equal([AoEventKind.Md5Mismatch, AoEventKind.Md5Required], duo.Server.Kinds);
    }

    [Fact]
    [Trait("Requirement", "R-099")]
    public void Segment_WithTcpAo_IsRefusedOfAPeerWithTcpMd5()
    {
        var duo = new Duo(TestSource.Of(KeyBoth.Of().Client), TestSource.Of(Key("secret")));
        duo.Server.MustRefuse(duo.Client.SendSigned(duo.Syn), DropReason.AoUnexpected);
        duo.Server.MustRefuse((duo.Syn with { Options = [.. Packets.AoOption(12), .. Packets.Md5Option] }).ToPacket(), DropReason.AoWithMd5);
    }

    [Fact]
    public void Keys_WhileTheyRoll_AllVerifyThatAreAccepted()
    {
        var over = new KeyLifetime(DateTimeOffset.MinValue, EngineEnd.Epoch);
        var server = TestSource.Of(Key("gone", accept: over), Key("old"), Key("new"));
        Assert.Equal(AoDecision.Pass, Receive("old"));
        Assert.Equal(AoDecision.Pass, Receive("new"));
        Assert.Equal(AoDecision.Drop(DropReason.MacMismatch), Receive("gone"));

        AoDecision Receive(string secret)
        {
            var duo = new Duo(TestSource.Of(Key(secret)), server);
            return duo.Server.Receive(duo.Client.SendSigned(duo.Syn));
        }
    }

    [Fact]
    [Trait("Requirement", "R-024")]
    public void Segment_WithoutAKeyThatMaySign_IsHeldBack()
    {
        var duo = new Duo(TestSource.Of(Key("secret", send: KeyLifetime.Never)), TestSource.None);
        Assert.Null(duo.Client.Send(duo.Syn));
        Assert.Equal(DropReason.NoSendKey, duo.Client.Last.Reason);
    }

    [Fact]
    public void Option_OfAVerifiedSegment_IsStrippedWhereTheKernelWouldRefuseIt()
    {
        var duo = new Duo(TestSource.Of(Key("secret")), TestSource.Of(Key("secret")), options: new AoEngineOptions { StripVerified = true });
        byte[] signed = duo.Client.SendSigned(duo.FromClient(0));
        Assert.Equal(AoDecision.Rewrite(duo.FromClient(0).ToPacket().Length), duo.Server.Receive(signed));
    }

    private static AoKey Key(string secret, KeyLifetime? send = null, KeyLifetime? accept = null) =>
        new(secret, 0, 0, MacAlgorithms.TcpMd5, Secret.FromText(secret), sendLifetime: send, acceptLifetime: accept);
}
