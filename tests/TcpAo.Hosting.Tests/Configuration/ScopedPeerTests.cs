using System.Net;
using TcpAo.Connections;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.DataPlane;
using TcpAo.Keys;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.Hosting.Tests.Configuration;

/// <summary>docs/reference/configuration.md: <c>interface</c> is part of the address of a link-local peer and of no other, <c>vrf</c> of any.</summary>
public sealed class ScopedPeerTests
{
    private const string OnLeft = "{ name: left, remote: \"fe80::2\", interface: left, key-chain: c }";
    private const string OnRight = "{ name: right, remote: \"fe80::2\", interface: right, key-chain: c }";

    private const string InRed = "{ name: red, remote: 192.0.2.2, vrf: red, key-chain: c }";
    private const string InBlue = "{ name: blue, remote: 192.0.2.2, vrf: blue, key-chain: c }";

    private static readonly NetworkLink[] s_links =
    [
        new(1, "lo", "", 0), new(7, "left", "veth", 0), new(8, "right", "veth", 20), new(9, "other", "veth", 0), new(20, "red", "vrf", 0), new(21, "blue", "vrf", 0),
    ];

    [Fact]
    [Trait("Requirement", "R-021")]
    public void Peers_OfTwoInterfaces_DoNotTieAndAreFoundByTheirIndexes()
    {
        TcpAoConfiguration configuration = Parse(OnLeft, OnRight);
        HostKeySource keys = On(configuration);
        Assert.Equal(("left", "right"), (keys.Find(PairOn(7))?.Name, keys.Find(PairOn(8))?.Name));
        Assert.Null(keys.Find(PairOn(9)));
        Assert.Null(keys.Find(PairOn(0)));

        // what knows no interfaces has no way to tell them apart
        Assert.Null(configuration.PolicyOfAnyInterface);
        Assert.Equal("left", Parse(OnLeft).PolicyOfAnyInterface?.Find(PairOn(0))?.Name);
    }

    [Fact]
    [Trait("Requirement", "R-011")]
    [Trait("Requirement", "R-021")]
    public void Peers_OfTwoVrfs_DoNotTieAndAreFoundByTheirIndexes()
    {
        HostKeySource keys = On(Parse(InRed, InBlue));
        Assert.Equal(("red", "blue"), (keys.Find(PairIn(20))?.Name, keys.Find(PairIn(21))?.Name));

        // a socket of a VRF that has no route uses those outside
        AssertRefusing(keys.Find(PairIn(0)));

        // without vrf: a peer is of every VRF, but of none that another peer names
        keys = On(Parse(InRed, "{ name: all, remote: 192.0.2.2, key-chain: c }"));
        Assert.Equal(("red", "all", "all"), (keys.Find(PairIn(20))?.Name, keys.Find(PairIn(21))?.Name, keys.Find(PairIn(0))?.Name));
    }

    [Fact]
    [Trait("Requirement", "R-011")]
    public void LinkLocalPeer_OfAVrf_IsOnEachInterfaceOfIt()
    {
        HostKeySource keys = On(Parse("{ name: red, remote: \"fe80::2\", vrf: red, key-chain: c }"));
        Assert.Equal("red", keys.Find(PairOn(8))?.Name);
        Assert.Null(keys.Find(PairOn(7)));
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
    [Trait("Requirement", "R-024")]
    public void Segment_OnAnInterfaceThatIsNotKnown_IsRefused()
    {
        // the kernel could not be asked, or the interface has just gone
        const int NotThere = 99;
        HostKeySource keys = On(Parse(OnLeft, OnRight, InRed, "{ name: all, remote: any, key-chain: c, mode: optional }"));
        Assert.Equal(("left", "all"), (keys.Find(PairOn(7))?.Name, keys.Find(PairOn(9))?.Name));
        foreach (SocketPair pair in (SocketPair[])[PairOn(NotThere), PairIn(NotThere)])
        {
            AssertRefusing(keys.Find(pair));
        }

        Assert.Equal("all", keys.Find(PairOn(NotThere) with { Remote = IpAddressBits.From(IPAddress.Parse("fe80::3")) })?.Name);
        Assert.Equal("all", keys.Find(PairIn(0) with { Remote = IpAddressBits.From(IPAddress.Parse("192.0.2.3")) })?.Name);
    }

    private static void AssertRefusing(ConnectionPolicy? policy) => Assert.Equal((PeerMode.Required, 0), (policy?.Mode, policy?.Keys.Keys.Length));

    private static HostKeySource On(TcpAoConfiguration configuration) => new(configuration, index => s_links.FirstOrDefault(link => link.Index == index));

    private static SocketPair PairIn(int vrf) => new(IpAddressBits.From(IPAddress.Parse("192.0.2.1")), IpAddressBits.From(IPAddress.Parse("192.0.2.2")), 40000, 179, vrf);

    private static SocketPair PairOn(int index) => new(IpAddressBits.From(IPAddress.Parse("fe80::1")), IpAddressBits.From(IPAddress.Parse("fe80::2")), 40000, 179, index);

    private static TcpAoConfiguration Parse(params string[] peers) => ConfigurationFile.Parse(
        $"key-chains: [{{ name: c, keys: [{{ id: 1, send-id: 1, recv-id: 1, secret: \"of 32 bytes and more, for any algorithm\" }}] }}]\npeers:\n{string.Concat(peers.Select(peer => $"- {peer}\n"))}",
        "tcpao.yaml",
        "/nonexistent");
}
