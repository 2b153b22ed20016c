using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>RFC 6978: TCP-AO through an address translator.</summary>
[Trait("Requirement", "R-119")]
public sealed class NatTests
{
    private static readonly SocketPair s_inside = TestSegment.PairOf("10.0.0.5", 40000, "192.0.2.2", 179);
    private static readonly SocketPair s_outside = TestSegment.PairOf("198.51.100.9", 61234, "192.0.2.2", 179);
    private static readonly SocketPair s_behind = TestSegment.PairOf("198.51.100.9", 61234, "172.16.0.7", 1179);

    [Theory]
    [InlineData(NatSides.Local, NatSides.Remote, false, true)]
    [InlineData(NatSides.Local | NatSides.Remote, NatSides.Local | NatSides.Remote, true, true)]
    [InlineData(NatSides.None, NatSides.None, false, false)]
    [InlineData(NatSides.Local, NatSides.None, false, false)]
    [InlineData(NatSides.None, NatSides.Remote, false, false)]
    [InlineData(NatSides.Remote, NatSides.Local, false, false)]
    [InlineData(NatSides.Local, NatSides.Remote, true, false)]
    [Trait("Requirement", "R-118")]
    public void Connection_ThroughATranslator_OpensWhereBothEndsAgree(NatSides clientNat, NatSides serverNat, bool isServerHidden, bool opens)
    {
        KeyBoth key = KeyBoth.Of();
        SocketPair seenByServer = (isServerHidden ? s_behind : s_outside).Reversed;
        var client = new EngineEnd(s_inside, Source(key.Client, clientNat));
        var server = new EngineEnd(seenByServer, Source(key.Server, serverNat));
        byte[] ToServer(byte[] packet) => TestSegment.Rewrite(packet, seenByServer.Reversed);
        byte[] ToClient(byte[] packet) => TestSegment.Rewrite(packet, s_inside.Reversed);

        byte[] syn = ToServer(client.SendSigned(new TestSegment(s_inside, TcpFlags.Syn, 100)));
        if (!opens)
        {
            server.MustRefuse(syn, DropReason.MacMismatch);
            return;
        }

        server.MustTake(syn);
        client.MustTake(ToClient(server.SendSigned(new TestSegment(seenByServer, TcpFlags.Syn | TcpFlags.Ack, 200, 101))));
        server.MustTake(ToServer(client.SendSigned(new TestSegment(s_inside, TcpFlags.Ack, 101, 201) { Payload = [1, 2, 3] })));
        client.MustTake(ToClient(server.SendSigned(new TestSegment(seenByServer, TcpFlags.Ack, 201, 104) { Payload = [4] })));
    }

    [Theory]
    [InlineData(NatSides.Local, NatSides.Remote)]
    [InlineData(NatSides.Local | NatSides.Remote, NatSides.Local | NatSides.Remote)]
    public void Connection_WithFlagsAndNoTranslator_OpensOverBothFamilies(NatSides clientNat, NatSides serverNat)
    {
        KeyBoth key = KeyBoth.Of();
        foreach (SocketPair pair in new[] { Duo.IPv4, Duo.IPv6 })
        {
            new Duo(Source(key.Client, clientNat), Source(key.Server, serverNat), pair).Open().Exchange();
        }
    }

    private static TestSource Source(AoKey key, NatSides nat) => new(new ConnectionPolicy("peer", new KeyRing(key)) { Nat = nat });
}
