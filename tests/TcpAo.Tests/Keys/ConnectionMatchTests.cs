using TcpAo.Keys;
using Xunit;
using static TcpAo.Tests.Keys.Matches;

namespace TcpAo.Tests.Keys;

public sealed class ConnectionMatchTests
{
    [Fact]
    [Requirement("R-011")]
    public void Connection_EachPartInTurnOutside_IsNotMatched()
    {
        ConnectionMatch match = Match("192.0.2.0/24", "198.51.100.1", "179", "1024-65535", vrf: 3);

        Assert.True(match.Matches(Pair("198.51.100.1", 40000, "192.0.2.9", 179, 3)));
        Assert.False(match.Matches(Pair("198.51.100.1", 40000, "192.0.3.9", 179, 3)));
        Assert.False(match.Matches(Pair("198.51.100.2", 40000, "192.0.2.9", 179, 3)));
        Assert.False(match.Matches(Pair("198.51.100.1", 40000, "192.0.2.9", 180, 3)));
        Assert.False(match.Matches(Pair("198.51.100.1", 1023, "192.0.2.9", 179, 3)));
        Assert.False(match.Matches(Pair("198.51.100.1", 40000, "192.0.2.9", 179, 4)));
    }

    [Theory]
    [InlineData(null, 0, true)]
    [InlineData(null, 3, true)]
    [InlineData(0, 0, true)]
    [InlineData(0, 3, false)]
    [InlineData(3, 3, true)]
    public void Connection_InAVrf_IsMatchedByItsVrfOrByNone(int? bound, int vrf, bool matched) =>
        Assert.Equal(matched, Match(vrf: bound).Matches(Pair("192.0.2.1", 1, "192.0.2.2", 2, vrf)));

    [Fact]
    public void Ends_OfDifferentFamilies_AreRefused() =>
        Assert.Throws<ArgumentException>(() => Match("192.0.2.1", "2001:db8::1"));

    [Fact]
    public void Overlap_OneEndEachOfDifferentFamilies_IsNone()
    {
        // no connection has a remote IPv4 and a local IPv6 address
        Assert.False(Match(remote: "192.0.2.0/24").Overlaps(Match(local: "2001:db8::1")));
        Assert.True(Match(remote: "192.0.2.0/24").Overlaps(Match(local: "198.51.100.1")));
    }

    [Fact]
    public void Specificity_PartByPart_FollowsTheOrder()
    {
        ConnectionMatch[] fromLeast =
        [
            Match(),
            Match(vrf: 1),
            Match(localPort: "1024-65535"),
            Match(localPort: "179"),
            Match(localPort: "179", remotePort: "1024-65535"),
            Match(local: "0.0.0.0/0"),
            Match(local: "192.0.2.1"),
            Match(remote: "0.0.0.0/0"),
            Match(remote: "192.0.0.0/16", local: "192.0.2.1", localPort: "179", remotePort: "179", vrf: 1),
            Match(remote: "192.0.2.0/24"),
            Match(remote: "192.0.2.0/24", vrf: 1),
            Match(remote: "2001:db8::/128"),
        ];

        Assert.Equal(fromLeast, fromLeast.OrderBy(match => match.Specificity));
        Assert.Equal(fromLeast.Length, fromLeast.Select(match => match.Specificity).Distinct().Count());
        Assert.Equal(Match(localPort: "179").Specificity, Match(remotePort: "179").Specificity);
    }
}
