using TcpAo.Keys;
using TcpAo.Linux.Netfilter;
using Xunit;

namespace TcpAo.Linux.Tests.Support;

/// <summary>Rules and traffic in few words.</summary>
internal static class Rules
{
    public const ushort Queue = 59;

    /// <summary>Opens the rule set of a host.</summary>
    public static NftRuleset Open(Host host) => host.Space.Run(NftRuleset.Open);

    /// <summary>Opens the rule set of a host and installs rules for traffic.</summary>
    public static NftRuleset Install(Host host, params ProtectedTraffic[] traffic)
    {
        NftRuleset ruleset = Open(host);
        ruleset.Replace(Model(traffic));
        return ruleset;
    }

    public static NftModel Model(params IReadOnlyCollection<ProtectedTraffic> traffic) => new() { Traffic = traffic, FirstQueue = Queue };

    public static ProtectedTraffic Peer(string remote, string remotePort = "any", string localPort = "any", string local = "any", string? link = null) =>
        new(new ConnectionMatch(Prefix(remote), Prefix(local), Port(remotePort), Port(localPort)), link);

    /// <summary>A port at either end.</summary>
    public static ProtectedTraffic[] Session(string remote, string port = "179") => [Peer(remote, remotePort: port), Peer(remote, localPort: port)];

    private static IpPrefix Prefix(string text)
    {
        Assert.True(IpPrefix.TryParse(text, out IpPrefix prefix, out string? reason), reason);
        return prefix;
    }

    private static PortMatch Port(string text)
    {
        Assert.True(PortMatch.TryParse(text, out PortMatch ports, out string? reason), reason);
        return ports;
    }
}
