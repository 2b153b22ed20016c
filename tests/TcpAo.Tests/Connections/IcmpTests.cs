using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>Which ICMP errors reach a connection with TCP-AO (RFC 5925 section 7.8).</summary>
public sealed class IcmpTests
{
    private static readonly KeyBoth s_key = KeyBoth.Of();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-092")]
    [Trait("Requirement", "R-093")]
    [Trait("Requirement", "R-096")]
    public void Error_EveryTypeCodeAndState_IsIgnoredByTheRule(bool isIPv6)
    {
        foreach (bool accept in new[] { false, true })
        {
            foreach (ConnectionState state in Enum.GetValues<ConnectionState>())
            {
                EngineEnd end = InState(state, accept, isIPv6 ? Duo.IPv6 : Duo.IPv4);
                bool isOpen = state is ConnectionState.Synchronized or ConnectionState.Closed;
                ulong ignored = 0;
                for (int type = 0; type < 256; type++)
                {
                    for (int code = 0; code < 16; code++)
                    {
                        bool isHard = isIPv6 ? type == 1 && code is 1 or 4 : type == 3 && code is 2 or 3 or 4;
                        bool isIgnored = isHard && isOpen && !accept;
                        ignored += isIgnored ? 1ul : 0ul;
                        AoDecision expected = isIgnored ? AoDecision.Drop(DropReason.IcmpIgnored) : AoDecision.Pass;
                        Assert.Equal(expected, end.Receive(IcmpPackets.Error(end.Pair, (byte)type, (byte)code)));
                    }
                }

                Assert.Equal(ignored, end.Engine.Counters.DroppedIcmps);
                Assert.Equal(ignored, end.Connection.Counters.DroppedIcmps);
                Assert.Equal((int)ignored, end.Kinds.Count(kind => kind == AoEventKind.IcmpIgnored));
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-092")]
    public void Error_QuoteCutOrOverwrittenAnywhere_NeverThrows(bool isIPv6)
    {
        EngineEnd end = InState(ConnectionState.Synchronized, false, isIPv6 ? Duo.IPv6 : Duo.IPv4);
        byte[] error = IcmpPackets.Error(end.Pair, isIPv6 ? (byte)1 : (byte)3, 4);
        for (int length = 0; length <= error.Length; length++)
        {
            end.Receive(error[..length]);
            for (int value = 0; value < 256; value += 5)
            {
                byte[] changed = [.. error];
                changed[Math.Max(length - 1, 0)] = (byte)value;
                end.Receive(changed);
                end.Receive(changed[..length]);
            }
        }

        Assert.Equal(AoDecision.Drop(DropReason.IcmpIgnored), end.Receive(error));
        Assert.Equal(AoDecision.Drop(DropReason.IcmpIgnored), end.Receive(IcmpPackets.Error(end.Pair, error[0] >> 4 == 4 ? (byte)3 : (byte)1, 4, quotedTcp: 4)));
    }

    [Fact]
    [Trait("Requirement", "R-092")]
    public void Error_IPv4QuoteDressedUp_IsIgnoredAllTheSame()
    {
        EngineEnd end = InState(ConnectionState.Synchronized, false, Duo.IPv4);
        byte[] quoted = new TestSegment(end.Pair, TcpFlags.Ack, 1).ToPacket();
        byte[] asFragment = [.. quoted];
        asFragment[7] = 9;
        byte[] asVersion5 = [.. quoted];
        asVersion5[0] = 0x55;
        byte[] withOptions = [0x46, .. quoted[1..20], 1, 1, 1, 1, .. quoted[20..]];
        foreach (byte[] dressed in new[] { asFragment, asVersion5, withOptions })
        {
            Assert.Equal(AoDecision.Drop(DropReason.IcmpIgnored), end.Receive(IcmpPackets.Wrap(end.Pair, 3, 3, dressed)));
        }
    }

    [Fact]
    [Trait("Requirement", "R-092")]
    public void Error_IPv6QuoteDressedUp_IsIgnoredAllTheSame()
    {
        EngineEnd end = InState(ConnectionState.Synchronized, false, Duo.IPv6);
        byte[] quoted = new TestSegment(end.Pair, TcpFlags.Ack, 1).ToPacket();
        byte[] Extended(byte first, params byte[] headers) => [.. quoted[..6], first, .. quoted[7..40], .. headers, .. quoted[40..]];

        byte[] manyOptions = [.. Enumerable.Range(0, 12).SelectMany(i => new byte[] { i == 11 ? (byte)6 : (byte)60, 0, 1, 4, 0, 0, 0, 0 })];
        foreach (byte[] dressed in new[]
        {
            Extended(44, 6, 0, 0, 0, 0, 0, 0, 1),
            Extended(51, 6, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2),
            Extended(60, manyOptions),
            [0x50, .. quoted[1..]],
        })
        {
            Assert.Equal(AoDecision.Drop(DropReason.IcmpIgnored), end.Receive(IcmpPackets.Wrap(end.Pair, 1, 1, dressed)));
        }

        // a later fragment holds no ports
        Assert.Equal(AoDecision.Pass, end.Receive(IcmpPackets.Wrap(end.Pair, 1, 1, Extended(44, 6, 0, 1, 0, 0, 0, 0, 1))));
    }

    [Fact]
    [Trait("Requirement", "R-092")]
    public void Error_AboutAConnectionThatIsNotOurs_Passes()
    {
        EngineEnd end = InState(ConnectionState.Synchronized, false, Duo.IPv4);
        Assert.Equal(AoDecision.Pass, end.Receive(IcmpPackets.Error(end.Pair with { RemotePort = 180 }, 3, 3)));
        Assert.Equal(AoDecision.Pass, end.Receive(IcmpPackets.Error(end.Pair.Reversed, 3, 3)));
    }

    [Fact]
    [Trait("Requirement", "R-092")]
    public void Error_OfAnUnknownConnectionWhereAnotherEngineMayKnowIt_IsIgnoredUnlessThePeerAcceptsIt()
    {
        var options = new AoEngineOptions { RefuseIcmpOfUnknown = true };
        foreach (bool accepts in (bool[])[false, true])
        {
            var policy = new ConnectionPolicy("peer", new KeyRing(s_key.Client)) { AcceptIcmps = accepts };
            var engine = new AoEngine(new TestSource(policy), options);
            byte[] error = IcmpPackets.Error(Duo.IPv4, 3, 3);
            Assert.Equal(accepts ? AoDecision.Pass : AoDecision.Drop(DropReason.IcmpIgnored), engine.ProcessInbound(error, error.Length, default));
        }

        byte[] foreign = IcmpPackets.Error(Duo.IPv4, 3, 3);
        Assert.Equal(AoDecision.Pass, new AoEngine(TestSource.None, options).ProcessInbound(foreign, foreign.Length, default));
    }

    [Fact]
    [Trait("Requirement", "R-092")]
    public void Error_OnAnUnsignedConnection_Passes()
    {
        var duo = new Duo(TestSource.None, TestSource.Of(PeerMode.Optional, s_key.Server));
        duo.Server.MustTake(duo.Syn.ToPacket());
        duo.Server.Send(duo.SynAck);
        Assert.Equal(AoDecision.Pass, duo.Server.Receive(IcmpPackets.Error(duo.Server.Pair, 3, 3)));
    }

    [Fact]
    [Trait("Requirement", "R-095")]
    public void Error_InMonitorMode_PassesWithItsReason()
    {
        Duo duo = new Duo(TestSource.Of(s_key.Client), TestSource.Of(PeerMode.Monitor, s_key.Server)).Open();
        Assert.Equal(new AoDecision(AoVerdict.Pass, 0, DropReason.IcmpIgnored), duo.Server.Receive(IcmpPackets.Error(duo.Server.Pair, 3, 3)));
    }

    private static EngineEnd InState(ConnectionState state, bool accept, SocketPair pair)
    {
        var policy = new ConnectionPolicy("peer", new KeyRing(s_key.Client)) { AcceptIcmps = accept };
        var duo = new Duo(new TestSource(policy), TestSource.Of(s_key.Server), pair);
        if (state == ConnectionState.SynReceived)
        {
            // the client is the passive end
            duo.Client.MustTake(duo.Server.SendSigned(new TestSegment(duo.Server.Pair, TcpFlags.Syn, 5)));
            duo.Client.SendSigned(new TestSegment(duo.Client.Pair, TcpFlags.Syn | TcpFlags.Ack, 6, 6));
            return duo.Client;
        }

        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        if (state != ConnectionState.SynSent)
        {
            duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
        }

        if (state == ConnectionState.Closed)
        {
            duo.Client.Engine.Close(duo.Client.Pair, duo.Client.Time);
        }

        Assert.Equal(state, duo.Client.Connection.State);
        return duo.Client;
    }
}
