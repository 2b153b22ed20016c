using System.Net;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using Xunit;

namespace TcpAo.Tests.Keys;

/// <summary>Short ways to write matches, pairs and tuples in tests.</summary>
internal static class Matches
{
    // one secret for all: a test of 100 000 tuples is not about secrets
    private static readonly Secret s_secret = Secret.FromText("secret");

    public static IpPrefix Prefix(string text)
    {
        Assert.True(IpPrefix.TryParse(text, out IpPrefix prefix, out string? reason), reason);
        return prefix;
    }

    public static PortMatch Ports(string text)
    {
        Assert.True(PortMatch.TryParse(text, out PortMatch ports, out string? reason), reason);
        return ports;
    }

    public static ConnectionMatch Match(string remote = "any", string local = "any", string remotePort = "any", string localPort = "any", int? vrf = null) =>
        new(Prefix(remote), Prefix(local), Ports(remotePort), Ports(localPort), vrf);

    public static SocketPair Pair(string local, ushort localPort, string remote, ushort remotePort, int vrf = 0) =>
        new(IpAddressBits.From(IPAddress.Parse(local)), IpAddressBits.From(IPAddress.Parse(remote)), localPort, remotePort, vrf);

    public static MasterKeyTuple Mkt(ConnectionMatch match, int sendId, int recvId, NatSides nat = NatSides.None) =>
        new(match, new AoKey($"{sendId}/{recvId}", (byte)sendId, (byte)recvId, MacAlgorithms.HmacSha1, s_secret), nat);

    /// <summary>The IPv4 host 10.0.0.0 plus <paramref name="number"/>.</summary>
    public static IpAddressBits Host(int number) => new(0, 0x0000_FFFF_0A00_0000 + (ulong)number);

    /// <summary>Every connection with the IPv4 host 10.0.0.0 plus <paramref name="number"/>.</summary>
    public static ConnectionMatch HostMatch(int number) => new(IpPrefix.Host(Host(number)), default, default, default);
}
