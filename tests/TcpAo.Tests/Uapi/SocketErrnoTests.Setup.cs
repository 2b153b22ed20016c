using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Keys;
using TcpAo.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Tests.Uapi;

public sealed partial class SocketErrnoTests
{
    private static TheoryData<string> Rows(Situation[] situations) => [.. situations.Select(Title)];

    private static string Title(Situation situation) => $"{situation.Source}: {situation.Name}";

    private static void Run(Situation[] situations, string title)
    {
        Situation situation = situations.Single(row => string.Equals(Title(row), title, StringComparison.Ordinal));
        Assert.Equal(situation.Errno, situation.Call());
    }

    private static SocketRig New() => new();

    private static SocketRig New6() => new(SocketFamily.Inet6);

    /// <summary>With the key 1/2 for 192.0.2.1.</summary>
    private static SocketRig WithKey() => New().After(rig => rig.Add());

    private static SocketRig WithChosenKey() => New().After(rig => rig.Add(edit: add => add.SetCurrent = add.SetRNext = true));

    private static SocketRig Connected()
    {
        SocketRig rig = WithKey();
        Assert.Equal(OK, rig.Socket.Connect(rig.To(SocketRig.Peer)));
        return rig.Established();
    }

    private static SocketRig RefusedConnect()
    {
        SocketRig rig = New().After(r => r.Add("192.0.2.7"));
        Assert.Equal(EKEYREJECTED, rig.Socket.Connect(rig.To(SocketRig.Peer)));
        return rig;
    }

    private static LinuxErrno Second(SocketRig rig) => rig.Add(send: 3, recv: 4);

    private static void Replace(TcpAoDel del) => (del.SetCurrent, del.CurrentKey, del.SetRNext, del.RNext) = (true, 3, true, 4);

    private static void InVrf(TcpAoAdd add) => (add.InterfaceIndex, add.KeyFlags) = (SocketRig.Vrf, AoKeyFlags.InterfaceIndex);

    private static void WithPrefix24(TcpMd5Sig sig) => (sig.Flags, sig.PrefixLength) = (1, 24);

    private static LinuxErrno Md5InVrf(SocketRig rig) => rig.Md5InVrf();

    private static LinuxErrno Connect(SocketRig rig, string peer = SocketRig.Peer) => rig.Socket.Connect(rig.To(peer));

    private static SocketRig Bound(SocketRig rig)
    {
        rig.Facts = rig.Facts with { BoundDevice = SocketRig.InVrf };
        return rig;
    }

    private static LinuxErrno Algorithm(string name, int keyLength = 10) => New().Add(edit: add => (add.AlgorithmName, add.KeyLength) = (name, (byte)keyLength));

    private static SocketRig Small(int memory)
    {
        SocketRig rig = New();
        rig.Space.OptMemMax = memory;
        return rig;
    }

    private static SocketRig Unprivileged()
    {
        SocketRig rig = WithKey();
        rig.Facts = rig.Facts with { MayRepair = false };
        return rig;
    }

    /// <summary>In a namespace whose policy owns BGP with 192.0.2.0/24.</summary>
    private static SocketRig UnderPolicy(ushort localPort = 0, bool isExpired = false)
    {
        SocketRig rig = New();
        ConnectionMatch match = Matches.Match("192.0.2.0/24");
        rig.Space.PolicyMatches = [new ConnectionMatch(match.Remote, match.Local, default, PortMatch.Of(179))];
        KeyBoth key = KeyBoth.Of(send: isExpired ? KeyLifetime.Never : null);
        ConnectionPolicy policy = new("peer", new KeyRing(key.Client));
        rig.Space.Policy = new TestSource(pair => match.Matches(pair) ? policy : null);
        rig.Facts = rig.Facts with { Pair = default(SocketPair) with { LocalPort = localPort } };
        return rig;
    }

    /// <summary>Where sockets without keys of their own have those of a file.</summary>
    private static SocketRig WithDefaults(bool isExpired = false, NoKeyAction noKey = NoKeyAction.Reject)
    {
        SocketRig rig = New();
        ConnectionMatch match = Matches.Match("192.0.2.0/24");
        ConnectionPolicy policy = new("peer", new KeyRing(KeyBoth.Of(send: isExpired ? KeyLifetime.Never : null).Client)) { NoKey = noKey };
        rig.Space.Defaults = new TestSource(pair => match.Matches(pair) ? policy : null);
        return rig;
    }

    private static LinuxErrno Unreadable(TcpSocketOption option, int readable, int length)
    {
        SocketRig rig = New();
        return rig.Socket.SetOption(option, rig.AddBytes().AsSpan(0, readable), length, rig.Facts).Errno;
    }
}
