using System.Net;
using TcpAo.Connections;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.DataPlane;
using TcpAo.Keys;
using Xunit;

namespace TcpAo.Hosting.Tests.Configuration;

/// <summary>docs/reference/configuration.md, <c>interface</c>: part of the address of a link-local peer, and of no other.</summary>
public sealed class LinkLocalPeerTests
{
    private const string OnLeft = "{ name: left, remote: \"fe80::2\", interface: left, key-chain: c }";
    private const string OnRight = "{ name: right, remote: \"fe80::2\", interface: right, key-chain: c }";

    private static readonly Dictionary<string, int> s_both = new(StringComparer.Ordinal) { ["lo"] = 1, ["left"] = 7, ["right"] = 8, ["other"] = 9 };
    private static readonly Dictionary<string, int> s_leftOnly = new(StringComparer.Ordinal) { ["lo"] = 1, ["left"] = 7, ["other"] = 9 };

    [Fact]
    [Trait("Requirement", "R-021")]
    public void Peers_OfTwoInterfaces_DoNotTieAndAreFoundByTheirIndexes()
    {
        TcpAoConfiguration configuration = Parse(OnLeft, OnRight);
        Assert.Null(configuration.Policy.Find(PairOn(7)));
        TcpAoConfiguration onHost = configuration.OnHost(s_both);
        Assert.Equal(("left", "right"), (onHost.Policy.Find(PairOn(7))?.Name, onHost.Policy.Find(PairOn(8))?.Name));
        Assert.Null(onHost.Policy.Find(PairOn(9)));

        // what knows no interfaces has no way to tell them apart
        Assert.Null(configuration.PolicyOfAnyInterface);
        Assert.Equal("left", Parse(OnLeft).PolicyOfAnyInterface?.Find(PairOn(0))?.Name);
    }

    [Theory]
    [Trait("Requirement", "R-021")]
    [InlineData("fe80::2", "left", "fe80::2", "left", true)]
    [InlineData("fe80::/10", "left", "fe80::/10", "right", false)]
    [InlineData("fe80::/9", "left", "fe80::/9", "right", true)]
    [InlineData("2001:db8::2", "left", "2001:db8::2", "right", true)]
    [InlineData("192.0.2.2", "left", "192.0.2.2", "right", true)]
    [InlineData("any", "left", "any", "right", true)]
    public void Peers_ThatDifferByInterface_TieUnlessLinkLocal(string first, string firstInterface, string second, string secondInterface, bool tie)
    {
        string[] peers =
        [
            $"{{ name: a, remote: \"{first}\", interface: {firstInterface}, key-chain: c }}",
            $"{{ name: b, remote: \"{second}\", interface: {secondInterface}, key-chain: c }}",
        ];
        if (tie)
        {
            ConfigurationException error = Assert.Throws<ConfigurationException>(() => Parse(peers));
            Assert.Contains("neither is more specific", Assert.Single(error.Errors).Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(2, Parse(peers).Peers.Length);
        }
    }

    [Fact]
    public void Segment_OnAnInterfaceWhoseNameIsNotKnown_IsRefused()
    {
        // as the rules go by name they may already send what comes by it
        TcpAoConfiguration configuration = Parse(OnLeft, OnRight, "{ name: all, remote: any, key-chain: c, mode: optional }").OnHost(s_leftOnly);
        var keys = ScopedKeySource.Of(configuration, s_leftOnly);
        Assert.Equal(("left", "all"), (keys.Find(PairOn(7))?.Name, keys.Find(PairOn(9))?.Name));
        ConnectionPolicy refusing = Assert.IsType<ConnectionPolicy>(keys.Find(PairOn(8)));
        Assert.Equal((PeerMode.Required, 0), (refusing.Mode, refusing.Keys.Keys.Length));
        Assert.Equal("all", keys.Find(PairOn(8) with { Remote = IpAddressBits.From(IPAddress.Parse("fe80::3")) })?.Name);
        Assert.Equal("all", keys.Find(PairOn(0) with { Remote = IpAddressBits.From(IPAddress.Parse("2001:db8::3")) })?.Name);

        Assert.Equal("right", ScopedKeySource.Of(configuration.OnHost(s_both), s_both).Find(PairOn(8))?.Name);
    }

    private static SocketPair PairOn(int index) => new(IpAddressBits.From(IPAddress.Parse("fe80::1")), IpAddressBits.From(IPAddress.Parse("fe80::2")), 40000, 179, index);

    private static TcpAoConfiguration Parse(params string[] peers) => ConfigurationFile.Parse(
        $"key-chains: [{{ name: c, keys: [{{ id: 1, send-id: 1, recv-id: 1, secret: \"of 32 bytes and more, for any algorithm\" }}] }}]\npeers:\n{string.Concat(peers.Select(peer => $"- {peer}\n"))}",
        "tcpao.yaml",
        "/nonexistent");
}
