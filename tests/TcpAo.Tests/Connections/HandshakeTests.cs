using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Connections;

/// <summary>How a connection begins (RFC 5925 sections 5.2, 7.4 and 7.5).</summary>
public sealed class HandshakeTests
{
    public static TheoryData<string, bool, bool> Kinds
    {
        get
        {
            var data = new TheoryData<string, bool, bool>();
            foreach (MacAlgorithm algorithm in KeyBoth.AoAlgorithms)
            {
                data.Add(algorithm.Name, false, true);
                data.Add(algorithm.Name, true, true);
                data.Add(algorithm.Name, false, false);
                data.Add(algorithm.Name, true, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("Requirement", "R-012")]
    [Trait("Requirement", "R-037")]
    [Trait("Requirement", "R-038")]
    [Trait("Requirement", "R-039")]
    public void Handshake_EveryAlgorithmAndFamily_OpensAndCarriesData(string name, bool isIPv6, bool includeOptions)
    {
        MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm);
        var duo = new Duo(KeyBoth.Of(algorithm: algorithm, includeTcpOptions: includeOptions), isIPv6 ? Duo.IPv6 : Duo.IPv4).Open();

        Assert.Equal(ConnectionState.Synchronized, duo.Client.Connection.State);
        Assert.Equal(ConnectionState.Synchronized, duo.Server.Connection.State);
        Assert.Equal(Protection.Signed, duo.Client.Connection.Protection);
        Assert.Equal((1000u, 9000u), (duo.Client.Connection.LocalIsn, duo.Client.Connection.RemoteIsn));
        Assert.Equal((9000u, 1000u), (duo.Server.Connection.LocalIsn, duo.Server.Connection.RemoteIsn));
        duo.Exchange(0, 1);
        duo.Exchange(1, 1000);
        duo.Server.MustTake(duo.Client.SendSigned(duo.FromClient(1001, 0, TcpFlags.Fin | TcpFlags.Ack)));
        duo.Client.MustTake(duo.Server.SendSigned(duo.FromServer(1001, 0, TcpFlags.Fin | TcpFlags.Ack)));
        duo.Server.MustTake(duo.Client.SendSigned(duo.FromClient(1002, 0, TcpFlags.Rst)));
    }

    [Theory]
    [CombinatorialLengths]
    [Trait("Requirement", "R-034")]
    [Trait("Requirement", "R-035")]
    public void Handshake_EveryMacLength_Opens(int macLength, bool includeOptions)
    {
        var duo = new Duo(KeyBoth.Of(macLength: macLength, includeTcpOptions: includeOptions)).Open();
        duo.Exchange();
        byte[] signed = duo.Client.SendSigned(duo.FromClient(10));
        TcpPacket.TryParse(signed, out TcpPacket packet);
        Assert.Equal(macLength, packet.MacLength);
        Assert.Equal(0, packet.TcpHeaderLength % 4);
    }

    [Fact]
    [Trait("Requirement", "R-077")]
    public void SynAck_Unsigned_IsIgnoredAndTheSignedOneStillOpens()
    {
        var duo = new Duo();
        duo.Server.MustTake(duo.Client.Send(duo.Syn));
        duo.Client.MustRefuse(duo.SynAck.ToPacket(), DropReason.AoRequired);
        duo.Client.MustTake(duo.Server.Send(duo.SynAck));
        duo.Server.MustTake(duo.Client.Send(duo.FinalAck));
        duo.Exchange();
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public void Syn_SentAgain_IsTheSameConnection()
    {
        var duo = new Duo();
        byte[] first = duo.Client.SendSigned(duo.Syn);
        Assert.Equal(first, duo.Client.SendSigned(duo.Syn));
        duo.Server.MustTake(first);
        duo.Server.MustTake(first);
        byte[] synAck = duo.Server.SendSigned(duo.SynAck);
        Assert.Equal(synAck, duo.Server.SendSigned(duo.SynAck));
        duo.Server.MustTake(first);
        Assert.Equal(synAck, duo.Server.SendSigned(duo.SynAck));
        duo.Client.MustTake(synAck);
        duo.Client.MustTake(synAck);
        duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        duo.Exchange();
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public void Syn_FromBothEnds_OpensOneConnection()
    {
        var duo = new Duo();
        var serverSyn = new TestSegment(duo.Server.Pair, TcpFlags.Syn, duo.ServerIsn) { Options = Duo.SynOptions };
        var clientSynAck = new TestSegment(duo.Client.Pair, TcpFlags.Syn | TcpFlags.Ack, duo.ClientIsn, duo.ServerIsn + 1);
        byte[] syn1 = duo.Client.SendSigned(duo.Syn);
        byte[] syn2 = duo.Server.SendSigned(serverSyn);
        duo.Client.MustTake(syn2);
        duo.Server.MustTake(syn1);
        byte[] synAck1 = duo.Client.SendSigned(clientSynAck);
        byte[] synAck2 = duo.Server.SendSigned(duo.SynAck);
        duo.Client.MustTake(synAck2);
        duo.Server.MustTake(synAck1);

        Assert.Equal(ConnectionState.Synchronized, duo.Client.Connection.State);
        Assert.Equal(ConnectionState.Synchronized, duo.Server.Connection.State);
        duo.Exchange();
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public void Syn_OfThePeerJustBeforeOurs_IsStillASimultaneousOpen()
    {
        KeyBoth key = KeyBoth.Of();
        var duo = new Duo(TestSource.Of(PeerMode.Optional, key.Client), TestSource.Of(PeerMode.Optional, key.Server));
        byte[] serverSyn = duo.Server.SendSigned(new TestSegment(duo.Server.Pair, TcpFlags.Syn, duo.ServerIsn));
        duo.Client.MustTake(serverSyn);
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        byte[] synAck = duo.Client.SendSigned(new TestSegment(duo.Client.Pair, TcpFlags.Syn | TcpFlags.Ack, duo.ClientIsn, duo.ServerIsn + 1));
        duo.Server.MustTake(synAck);
        duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
        duo.Exchange();
    }

    [Fact]
    [Trait("Requirement", "R-045")]
    public void Syn_FromBothEndsWithAnotherWish_LeavesOurRNextKey()
    {
        KeyBoth one = KeyBoth.Of(1, 11);
        KeyBoth two = KeyBoth.Of(2, 12);
        var duo = new Duo(TestSource.Of(one.Client, two.Client), TestSource.Of(two.Server));
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        Assert.True(duo.Client.Connection.SetRNextKey(12));
        duo.Client.MustTake(duo.Server.SendSigned(new TestSegment(duo.Server.Pair, TcpFlags.Syn, duo.ServerIsn)));
        byte[] synAck = duo.Client.SendSigned(new TestSegment(duo.Client.Pair, TcpFlags.Syn | TcpFlags.Ack, duo.ClientIsn, duo.ServerIsn + 1));

        Assert.Equal(((byte)1, (byte)11), EngineEnd.Ids(syn));
        Assert.Equal(((byte)2, (byte)12), EngineEnd.Ids(synAck));
    }

    [Fact]
    [Trait("Requirement", "R-007")]
    public void Connection_WithItself_Opens()
    {
        SocketPair self = TestSegment.PairOf("127.0.0.1", 7000, "127.0.0.1", 7000);
        var end = new EngineEnd(self, TestSource.Of(KeyBoth.Of(100, 100).Client));
        const uint Isn = 77;
        end.MustTake(end.SendSigned(new TestSegment(self, TcpFlags.Syn, Isn)));
        end.MustTake(end.SendSigned(new TestSegment(self, TcpFlags.Syn | TcpFlags.Ack, Isn, Isn + 1)));
        Assert.Equal(ConnectionState.Synchronized, end.Connection.State);
        end.MustTake(end.SendSigned(new TestSegment(self, TcpFlags.Ack, Isn + 1, Isn + 1) { Payload = [1, 2, 3] }));
    }

    [Theory]
    [InlineData(0xFFFF_FFFF, 9000)]
    [InlineData(1000, 0xFFFF_FFFF)]
    [InlineData(0xFFFF_FFFF, 0xFFFF_FFFF)]
    [InlineData(0, 0)]
    [InlineData(0x7FFF_FFFF, 0x8000_0000)]
    [Trait("Requirement", "R-053")]
    public void Handshake_IsnAtTheEdge_OpensAndCountsTheWrap(uint clientIsn, uint serverIsn)
    {
        Duo duo = new Duo { ClientIsn = clientIsn, ServerIsn = serverIsn }.Open();
        duo.Exchange();
        Assert.Equal(clientIsn == uint.MaxValue ? 1u : 0u, duo.Server.Connection.ReceiveSne);
        Assert.Equal(clientIsn == uint.MaxValue ? 1u : 0u, duo.Client.Connection.SendSne);
        Assert.Equal(serverIsn == uint.MaxValue ? 1u : 0u, duo.Client.Connection.ReceiveSne);
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn with { Flags = TcpFlags.Ack, Sequence = clientIsn, Acknowledgment = serverIsn + 1 }));
    }

    [Fact]
    public void SynAck_LostBehindTheEngineAndAnotherComes_Opens()
    {
        var duo = new Duo();
        byte[] syn = duo.Client.SendSigned(duo.Syn);
        duo.Server.MustTake(syn);
        duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));

        // the client's stack never got it, the server forgot and answers the next SYN with another ISN
        duo.ServerIsn = 555;
        duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
        duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
        duo.Server.MustTake(duo.Client.SendSigned(duo.FinalAck));
        duo.Exchange();
    }

    [Fact]
    public void Handshake_Completed_IsReportedOnceAtEachEnd()
    {
        Duo duo = new Duo().Open();
        duo.Exchange();
        Assert.Equal(1, duo.Client.Kinds.Count(kind => kind == AoEventKind.Established));
        Assert.Equal(1, duo.Server.Kinds.Count(kind => kind == AoEventKind.Established));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-132")]
    public void FinalAck_OfACookieHandshake_OpensOnlyWhereTheOptionSaysSo(bool accept)
    {
        foreach ((uint clientIsn, uint serverIsn) in new[] { (1000u, 9000u), (uint.MaxValue, 9000u), (1000u, uint.MaxValue) })
        {
            var duo = new Duo { ClientIsn = clientIsn, ServerIsn = serverIsn };
            duo.Server.MustTake(duo.Client.SendSigned(duo.Syn));
            duo.Client.MustTake(duo.Server.SendSigned(duo.SynAck));
            byte[] ack = duo.Client.SendSigned(duo.FinalAck);

            // another engine, which has no record
            var server = new EngineEnd(duo.Server.Pair, duo.Server.Keys, new AoEngineOptions { AcceptHandshakeAckWithoutSyn = accept });
            if (!accept)
            {
                server.MustRefuse(ack, DropReason.IsnUnknown);
                continue;
            }

            server.MustRefuse(duo.Client.SendSigned(duo.FromClient(5)), DropReason.MacMismatch);
            server.MustTake(ack);
            Assert.Equal(ConnectionState.Synchronized, server.Connection.State);
            Assert.Equal((serverIsn, clientIsn), (server.Connection.LocalIsn, server.Connection.RemoteIsn));
            server.MustTake(duo.Client.SendSigned(duo.FromClient(0)));
            duo.Client.MustTake(server.SendSigned(duo.FromServer(0)));
        }
    }

    private sealed class CombinatorialLengthsAttribute : Xunit.v3.DataAttribute
    {
        public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(System.Reflection.MethodInfo testMethod, Xunit.Sdk.DisposalTracker disposalTracker) =>
            new([.. Enumerable.Range(4, 13).SelectMany(length => new[] { new TheoryDataRow(length, true), new TheoryDataRow(length, false) })]);

        public override bool SupportsDiscoveryEnumeration() => true;
    }
}
