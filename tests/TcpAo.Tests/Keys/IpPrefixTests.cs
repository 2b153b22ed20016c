using System.Net;
using TcpAo.Keys;
using Xunit;
using static TcpAo.Tests.Keys.Matches;

namespace TcpAo.Tests.Keys;

public sealed class IpPrefixTests
{
    [Theory]
    [Requirement("R-011")]
    [InlineData("192.0.2.1", "192.0.2.1", 32, IpFamily.IPv4)]
    [InlineData("192.0.2.1/32", "192.0.2.1", 32, IpFamily.IPv4)]
    [InlineData("192.0.2.0/24", "192.0.2.0/24", 24, IpFamily.IPv4)]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", 0, IpFamily.IPv4)]
    [InlineData("0.0.0.0", "0.0.0.0", 32, IpFamily.IPv4)]
    [InlineData("2001:db8::/32", "2001:db8::/32", 32, IpFamily.IPv6)]
    [InlineData("2001:DB8:0::1", "2001:db8::1", 128, IpFamily.IPv6)]
    [InlineData("2001:db8::1/128", "2001:db8::1", 128, IpFamily.IPv6)]
    [InlineData("::/0", "::/0", 0, IpFamily.IPv6)]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", 32, IpFamily.IPv4)]
    [InlineData("::ffff:192.0.2.0/120", "192.0.2.0/24", 24, IpFamily.IPv4)]
    [InlineData("::ffff:0.0.0.0/96", "0.0.0.0/0", 0, IpFamily.IPv4)]
    [InlineData("any", "any", 0, IpFamily.Any)]
    [InlineData("ANY", "any", 0, IpFamily.Any)]
    public void Text_WellFormed_IsReadAndWrittenInOneSpelling(string text, string canonical, int length, IpFamily family)
    {
        IpPrefix prefix = Prefix(text);

        Assert.Equal(canonical, prefix.ToString());
        Assert.Equal(length, prefix.PrefixLength);
        Assert.Equal(family, prefix.Family);
        Assert.Equal(family == IpFamily.Any, prefix.IsAny);
        Assert.Equal(prefix, Prefix(canonical));
    }

    [Theory]
    [InlineData("192.0.2.1/24", "write 192.0.2.0/24")]
    [InlineData("2001:db8::1/32", "write 2001:db8::/32")]
    [InlineData("::ffff:192.0.2.1/120", "write 192.0.2.0/24")]
    [InlineData("192.0.2.0/33", "0 to 32")]
    [InlineData("2001:db8::/129", "0 to 128")]
    [InlineData("::ffff:192.0.2.1/95", "96 to 128")]
    [InlineData("192.0.2.0/-1", "0 to 32")]
    [InlineData("192.0.2.0/", "0 to 32")]
    [InlineData("2001:db8::/x", "0 to 128")]
    [InlineData("", "not an IP address")]
    [InlineData(null, "not an IP address")]
    [InlineData("peer.example", "not an IP address")]
    [InlineData("127.1", "not an IP address")]
    [InlineData("010.0.0.1", "not an IP address")]
    [InlineData("1", "not an IP address")]
    [InlineData("[2001:db8::1]", "not an IP address")]
    [InlineData("fe80::1%2", "not an IP address")]
    [InlineData(" 192.0.2.1", "not an IP address")]
    public void Text_Malformed_IsRefusedWithReason(string? text, string reasonPart)
    {
        Assert.False(IpPrefix.TryParse(text, out IpPrefix prefix, out string? reason));
        Assert.Contains(reasonPart, reason, StringComparison.Ordinal);
        Assert.Equal(IpPrefix.Any, prefix);
    }

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("0.0.0.0/0", "203.0.113.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "203.0.113.1", false)]
    [InlineData("::/80", "203.0.113.1", false)]
    [InlineData("::/80", "::1", true)]
    [InlineData("any", "203.0.113.1", true)]
    [InlineData("any", "2001:db8::1", true)]
    public void Address_InsideOrOutside_IsToldApart(string prefix, string address, bool inside) =>
        Assert.Equal(inside, Prefix(prefix).Contains(IpAddressBits.From(IPAddress.Parse(address))));

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.1", true)]
    [InlineData("192.0.2.0/24", "192.0.0.0/16", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0/24", false)]
    [InlineData("192.0.2.0/24", "::/0", false)]
    [InlineData("0.0.0.0/0", "::/0", false)]
    [InlineData("192.0.2.0/24", "any", true)]
    [InlineData("2001:db8::/32", "any", true)]
    [InlineData("any", "any", true)]
    public void TwoPrefixes_NestedOrApart_OverlapBothWays(string one, string other, bool overlap)
    {
        Assert.Equal(overlap, Prefix(one).Overlaps(Prefix(other)));
        Assert.Equal(overlap, Prefix(other).Overlaps(Prefix(one)));
    }

    [Fact]
    public void SocketAddress_IPv4Mapped_CountsItsPrefixFrom96()
    {
        Assert.True(IpPrefix.TryCreate(IPAddress.Parse("::ffff:192.0.2.0"), 120, out IpPrefix prefix, out _));
        Assert.Equal(Prefix("192.0.2.0/24"), prefix);
        Assert.True(IpPrefix.TryCreate(IPAddress.Parse("192.0.2.0"), 24, out prefix, out _));
        Assert.Equal(Prefix("192.0.2.0/24"), prefix);
        Assert.False(IpPrefix.TryCreate(IPAddress.Parse("::ffff:192.0.2.0"), 24, out _, out _));
    }

    [Fact]
    public void DefaultValue_Unset_IsAny() => Assert.Equal(Prefix("any"), default);
}
