using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;
using static TcpAo.Tests.Keys.Matches;

namespace TcpAo.Tests.Connections;

/// <summary>A link-local address means another host on each interface (RFC 4007): the interface is part of the connection.</summary>
public sealed class LinkScopeTests
{
    private const int Vrf = 3;
    private const int Interface = 7;

    private static readonly SegmentContext s_context = new(new EngineTime(EngineEnd.Epoch, 0), Vrf, Interface: Interface);

    [Theory]
    [Requirement("R-011")]
    [InlineData("fe80::1", "fe80::2", Interface)]
    [InlineData("2001:db8::1", "febf:ffff::2", Interface)]
    [InlineData("fe80::1", "fec0::2", Vrf)]
    [InlineData("fe80::1", "fe7f::2", Vrf)]
    [InlineData("fe80::1", "2001:db8::2", Vrf)]
    [InlineData("192.0.2.1", "169.254.0.1", Vrf)]
    public void Segment_OfALinkLocalPeer_IsInTheScopeOfItsInterface(string local, string remote, int scope)
    {
        SocketPair pair = Pair(local, 40000, remote, 179);
        SocketPair expected = pair with { Vrf = scope };
        Assert.Equal(DropReason.None, TcpPacket.TryParse(new TestSegment(pair, TcpFlags.Ack, 1, 1).ToPacket(), out TcpPacket sent));
        Assert.Equal(expected, AoEngine.OutboundPair(sent, s_context));
        Assert.Equal(DropReason.None, TcpPacket.TryParse(new TestSegment(pair.Reversed, TcpFlags.Ack, 1, 1).ToPacket(), out TcpPacket received));
        Assert.Equal(expected, AoEngine.InboundPair(received, s_context));

        // where the interface is not known it is left out
        Assert.Equal(pair with { Vrf = Vrf }, AoEngine.OutboundPair(sent, s_context with { Interface = 0 }));
    }

    [Fact]
    [Requirement("R-011")]
    [Requirement("R-021")]
    public void Peers_EqualButForTheInterface_HaveKeysAndConnectionsOfTheirOwn()
    {
        PeerTable<ConnectionPolicy> table = PeerTable.Build(
            [("left", [Match("fe80::2", vrf: 7)], PolicyOf("left", 1)), ("right", [Match("fe80::2", vrf: 8)], PolicyOf("right", 3))], out ImmutableArray<PeerTie> ties)!;
        Assert.Empty(ties);
        AoEngine engine = new(new PolicyKeySource(table));
        SocketPair pair = Pair("fe80::1", 40000, "fe80::2", 179);
        byte[] syn = new TestSegment(pair, TcpFlags.Syn, 100).ToPacket();

        Assert.Equal(1, KeyIdOf(engine, syn, 7));
        Assert.Equal(3, KeyIdOf(engine, syn, 8));
        Assert.Equal(("left", "right"), (engine.FindConnection(pair with { Vrf = 7 })?.Policy.Name, engine.FindConnection(pair with { Vrf = 8 })?.Policy.Name));

        // no peer's: it passes as it is
        Assert.Null(KeyIdOf(engine, syn, 9));
        Assert.Null(engine.FindConnection(pair with { Vrf = 9 }));
    }

    [Fact]
    public void Pair_OfALinkLocalPeer_IsWrittenWithItsInterface()
    {
        Assert.Equal("[fe80::1]:40000 - [fe80::2%7]:179", Pair("fe80::1", 40000, "fe80::2", 179, 7).ToString());
        Assert.Equal("[fe80::1]:40000 - [fe80::2]:179", Pair("fe80::1", 40000, "fe80::2", 179).ToString());
        Assert.Equal("192.0.2.1:40000 - 192.0.2.2:179", Pair("192.0.2.1", 40000, "192.0.2.2", 179, 7).ToString());
    }

    private static ConnectionPolicy PolicyOf(string name, byte sendId) =>
        new(name, new KeyRing(Mkt(ConnectionMatch.Any, sendId, sendId + 1).Key));

    private static int? KeyIdOf(AoEngine engine, byte[] packet, int interfaceIndex)
    {
        byte[] buffer = new byte[packet.Length + AoEngine.MaxGrowth];
        packet.CopyTo(buffer, 0);
        AoDecision decision = engine.ProcessOutbound(buffer, packet.Length, new SegmentContext(new EngineTime(EngineEnd.Epoch, 0), Interface: interfaceIndex));
        if (decision.Verdict != AoVerdict.Rewrite)
        {
            return null;
        }

        Assert.Equal(DropReason.None, TcpPacket.TryParse(buffer.AsSpan(0, decision.Length), out TcpPacket signed));
        return signed.KeyId;
    }
}
