using System.Net;
using TcpAo.Connections;
using TcpAo.Hosting.Emulation;
using TcpAo.Keys;
using TcpAo.Linux.Netfilter;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Hosting.Tests.Emulation;

/// <summary>What the rules are to queue: enough for every connection to stay signed to its end, and no more.</summary>
public sealed class SocketRulesTests
{
    private static readonly IpAddressBits s_own = IpAddressBits.From(IPAddress.Parse("192.0.2.2"));
    private static readonly IpAddressBits s_peer = IpAddressBits.From(IPAddress.Parse("192.0.2.1"));
    private static readonly SocketPair s_pair = new(s_own, s_peer, 179, 40_000);

    [Fact]
    public void Connection_OfAListenerWithAKeyForIt_NeedsNothingOfItsOwn()
    {
        ProgramSocket listener = Listener();
        Add(listener, s_peer, 32);
        (HashSet<ProtectedTraffic> traffic, HashSet<ushort> ports) = SocketRules.Needed([listener], [s_pair]);
        Assert.Equal([SocketRules.Listener(IpPrefix.Host(s_peer), 179)], traffic);
        Assert.Equal([(ushort)179], ports);
    }

    [Fact]
    public void Connection_OfAListenerWithAKeyForEverybody_NeedsNothingOfItsOwn()
    {
        ProgramSocket listener = Listener();
        Add(listener, IpAddressBits.From(IPAddress.Any), 0);
        Assert.Single(SocketRules.Needed([listener], [s_pair]).Traffic);
    }

    [Fact]
    public void Connection_WhoseListenerLostTheKey_IsQueuedToItsEnd()
    {
        (HashSet<ProtectedTraffic> traffic, _) = SocketRules.Needed([Listener()], [s_pair]);
        Assert.Equal([SocketRules.Peer(s_peer, 40_000)], traffic);
        Assert.All(traffic, one => Assert.True(one.Match.Matches(s_pair)));
    }

    [Fact]
    public void Connection_WhoseListenerIsGone_IsQueuedToItsEnd() => Assert.Equal([SocketRules.Peer(s_peer, 40_000)], SocketRules.Needed([], [s_pair]).Traffic);

    [Fact]
    public void Socket_ThatIsToConnect_IsQueuedWithItsPeersPort()
    {
        var socket = new ProgramSocket(1, SocketFamily.Inet, new AoSocket(new SocketNamespace())) { Destination = new SockAddr(SocketFamily.Inet, s_peer, 179) };
        Assert.Empty(SocketRules.Needed([socket], []).Traffic);
        Add(socket, s_peer, 32);
        Assert.Equal([SocketRules.Peer(s_peer, 179)], SocketRules.Needed([socket], []).Traffic);
    }

    private static ProgramSocket Listener() => new(1, SocketFamily.Inet, new AoSocket(new SocketNamespace())) { ListeningPort = 179 };

    private static void Add(ProgramSocket socket, IpAddressBits peer, byte prefix)
    {
        // struct tcp_ao_add of linux/tcp.h
        byte[] value = new byte[288];
        new SockAddr(SocketFamily.Inet, peer, 0).Write(value);
        "hmac(sha1)"u8.CopyTo(value.AsSpan(128));
        (value[202], value[203], value[204], value[205], value[207], value[208]) = (prefix, 1, 2, 12, 1, 7);
        Assert.Equal(LinuxErrno.None, socket.Model.SetOption(TcpSocketOption.AoAddKey, value, value.Length, new SocketFacts(SocketFamily.Inet, TcpState.Closed)).Errno);
    }
}
