using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using Xunit;
using static TcpAo.Tests.Keys.Matches;

namespace TcpAo.Tests.Keys;

public sealed class PeerTableTests
{
    private const int Many = 100_000;

    [Fact]
    public void Connection_CoveredByNestedPeers_BelongsToTheMostSpecific()
    {
        PeerTable<string> table = Build(
            ("rest", [Match()]),
            ("net", [Match("192.0.2.0/24")]),
            ("net from here", [Match("192.0.2.0/24", local: "198.51.100.1")]),
            ("net bgp", [Match("192.0.2.0/24", remotePort: "179")]),
            ("host", [Match("192.0.2.7")]),
            ("host in vrf", [Match("192.0.2.7", vrf: 3)]));

        Assert.Equal("host in vrf", Owner(table, Pair("198.51.100.1", 1, "192.0.2.7", 179, 3)));
        Assert.Equal("host", Owner(table, Pair("198.51.100.1", 1, "192.0.2.7", 179)));
        Assert.Equal("net from here", Owner(table, Pair("198.51.100.1", 1, "192.0.2.8", 179)));
        Assert.Equal("net bgp", Owner(table, Pair("198.51.100.2", 1, "192.0.2.8", 179)));
        Assert.Equal("net", Owner(table, Pair("198.51.100.2", 1, "192.0.2.8", 180)));
        Assert.Equal("rest", Owner(table, Pair("2001:db8::1", 1, "2001:db8::2", 180)));
    }

    [Fact]
    [Requirement("R-024")]
    public void Connection_CoveredByNoPeer_HasNoOwner()
    {
        PeerTable<string> table = Build(("net", [Match("192.0.2.0/24")]));

        Assert.False(table.TryFind(Pair("198.51.100.2", 1, "203.0.113.1", 179), out string? value));
        Assert.Null(value);
    }

    [Fact]
    public void Port_OfEitherEnd_IsOnePeerWithTwoMatches()
    {
        PeerTable<string> table = Build(("bgp", [Match("192.0.2.1", remotePort: "179"), Match("192.0.2.1", localPort: "179")]));

        Assert.Equal("bgp", Owner(table, Pair("198.51.100.1", 40000, "192.0.2.1", 179)));
        Assert.Equal("bgp", Owner(table, Pair("198.51.100.1", 179, "192.0.2.1", 40000)));
        Assert.Equal("bgp", Owner(table, Pair("198.51.100.1", 179, "192.0.2.1", 179)));
        Assert.False(table.TryFind(Pair("198.51.100.1", 80, "192.0.2.1", 40000), out _));
    }

    [Theory]
    [Requirement("R-021")]
    [InlineData("192.0.2.1", "any", "any", "192.0.2.1", "any", "any", true)]
    [InlineData("192.0.2.1", "any", "any", "192.0.2.0/24", "any", "any", false)]
    [InlineData("192.0.2.1", "any", "any", "192.0.2.2", "any", "any", false)]
    [InlineData("192.0.2.1", "179", "any", "192.0.2.1", "any", "179", true)]
    [InlineData("192.0.2.1", "1-10", "any", "192.0.2.1", "10-19", "any", true)]
    [InlineData("192.0.2.1", "1-10", "any", "192.0.2.1", "11-20", "any", false)]
    [InlineData("192.0.2.1", "1-10", "any", "192.0.2.1", "10-20", "any", false)]
    [InlineData("any", "any", "any", "any", "any", "any", true)]
    public void TwoPeers_OverlappingAndEquallySpecific_AreATieWithBothNames(
        string remote1, string remotePort1, string localPort1, string remote2, string remotePort2, string localPort2, bool tie)
    {
        PeerTable<int>? table = PeerTable.Build(
            [("one", [Match(remote1, remotePort: remotePort1, localPort: localPort1)], 1),
             ("two", [Match(remote2, remotePort: remotePort2, localPort: localPort2)], 2)],
            out ImmutableArray<PeerTie> ties);

        Assert.Equal(tie, table is null);
        Assert.Equal(tie ? ["one", "two"] : [], ties.SelectMany(t => new[] { t.First, t.Second }));
        Assert.All(ties, t => Assert.Contains("'one'", t.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void TwoPeers_TyingInSeveralMatches_AreToldOnce()
    {
        ConnectionMatch[] eitherEnd = [Match(remotePort: "179"), Match(localPort: "179")];

        Assert.Null(PeerTable.Build([("one", eitherEnd, 1), ("two", eitherEnd, 2), ("three", eitherEnd, 3)], out ImmutableArray<PeerTie> ties));
        Assert.Equal(["one two", "one three"], ties.Select(t => $"{t.First} {t.Second}"));
    }

    [Fact]
    public void Peers_100000_AreBuiltAndFoundWithProbesByShapes()
    {
        PeerTable<int>? table = PeerTable.Build(
            Enumerable.Range(0, Many).Select(i => ($"p{i}", new[] { HostMatch(i) with { RemotePort = PortMatch.Of(179) }, HostMatch(i) with { LocalPort = PortMatch.Of(179) } }, i)),
            out ImmutableArray<PeerTie> ties);

        Assert.Empty(ties);
        Assert.NotNull(table);
        Assert.Equal(Many, table.Count);
        Assert.Equal(2, table.ShapeCount);
        for (int i = 0; i < Many; i += 997)
        {
            Assert.True(table.TryFind(new SocketPair(Host(1), Host(i), 40000, 179), out int value));
            Assert.Equal(i, value);
        }
    }

    [Fact]
    public void TieSearch_100000Peers_TakesProbesByShapes()
    {
        PeerTieFinder finder = new();
        List<MatchBlock> blocks = [];
        for (int i = 0; i < Many; i++)
        {
            finder.BeginPeer("p");
            MatchBlock.Decompose(HostMatch(i), blocks);
            finder.Add(HostMatch(i), blocks);
        }

        Assert.InRange(finder.Probes, 1, Many);
    }

    [Fact]
    public void Lookup_HitOrMiss_AllocatesNothing()
    {
        PeerTable<string> table = Build(("net", [Match("192.0.2.0/24")]), ("v6", [Match("2001:db8::/32")]));
        SocketPair hit = Pair("198.51.100.1", 1, "192.0.2.7", 179);
        SocketPair miss = Pair("2001:db9::1", 1, "2001:db9::2", 179);
        bool right = true;
        Assert.Equal(0, Allocated.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                right &= table.TryFind(hit, out _) && !table.TryFind(miss, out _);
            }
        }));
        Assert.True(right);
    }

    private static PeerTable<string> Build(params (string Name, ConnectionMatch[] Matches)[] peers)
    {
        PeerTable<string>? table = PeerTable.Build(peers.Select(peer => (peer.Name, peer.Matches, peer.Name)), out ImmutableArray<PeerTie> ties);
        Assert.Empty(ties);
        return table!;
    }

    private static string? Owner(PeerTable<string> table, SocketPair pair) => table.TryFind(pair, out string? owner) ? owner : null;
}
