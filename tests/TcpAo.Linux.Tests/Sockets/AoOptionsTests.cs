using System.Net;
using System.Net.Sockets;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Sockets;

/// <summary>The calls of the .NET API as bytes, against the model of a kernel socket; the same calls against a real one are in the matrix.</summary>
public sealed class AoOptionsTests
{
    private const string Text = "never to be seen";

    private static readonly IpPrefix s_peer = Prefix("192.0.2.1");
    private readonly SocketNamespace _native = new() { Md5 = Md5Support.Engine };
    private readonly SocketNamespace _ours = new() { Md5 = Md5Support.Engine, AllowExtensions = true };

    [Theory]
    [InlineData("192.0.2.1", AddressFamily.InterNetwork, false, "192.0.2.1")]
    [InlineData("192.0.2.0/24", AddressFamily.InterNetwork, false, "192.0.2.0/24")]
    [InlineData("any", AddressFamily.InterNetwork, false, "0.0.0.0/0")]
    [InlineData("2001:db8::/32", AddressFamily.InterNetworkV6, false, "2001:db8::/32")]
    [InlineData("any", AddressFamily.InterNetworkV6, false, "::/0")]
    [InlineData("::/0", AddressFamily.InterNetworkV6, true, "::/0")]
    [InlineData("192.0.2.0/24", AddressFamily.InterNetworkV6, true, "192.0.2.0/24")]
    public void Key_ForAPeer_IsTheKernelsFormOfIt(string peer, AddressFamily family, bool isDualMode, string expected)
    {
        ModelSocket socket = new(_native, family, isDualMode);
        TcpAoKey key = Key(Prefix(peer));
        AoOptions.AddKey(socket, key);
        TcpAoKeyStatus status = Assert.Single(AoOptions.GetKeys(socket));
        Assert.Equal((expected, 1, 2, "hmac-sha-1-96", 12, true, null), (status.Peer.ToString(), status.SendId, status.RecvId, status.Algorithm?.Name, status.MacLength, status.IncludeTcpOptions, status.InterfaceIndex));
        Assert.True(AoOptions.HasKey(socket, key));
        AoOptions.RemoveKey(socket, new TcpAoKeyRemoval(key.Peer, 1, 2));
        Assert.Empty(AoOptions.GetKeys(socket));
    }

    [Theory]
    [InlineData("2001:db8::1", AddressFamily.InterNetwork, false, "IPv4 socket")]
    [InlineData("192.0.2.1", AddressFamily.InterNetworkV6, false, "DualMode to true")]
    [InlineData("any", AddressFamily.InterNetworkV6, true, "every IPv4 peer")]
    [InlineData("0.0.0.0/0", AddressFamily.InterNetworkV6, true, "every IPv4 peer")]
    [InlineData("any", AddressFamily.Unix, false, "IPv4 or IPv6")]
    public void Key_ThatWouldProtectLessThanItSays_IsRefused(string peer, AddressFamily family, bool isDualMode, string words)
    {
        TcpAoException error = Assert.Throws<TcpAoException>(() => AoOptions.AddKey(new ModelSocket(_native, family, isDualMode), Key(Prefix(peer))));
        Assert.Equal(TcpAoError.WrongPeer, error.Error);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("aes-128-cmac-96", 16, 12)]
    [InlineData("aes-128-cmac-96", 20, 16)]
    [InlineData("hmac-sha-256", 80, 1)]
    [InlineData("hmac-sha-1-96", 1, 4)]
    public void Key_OfAnyAlgorithmAndLength_IsFoundAgain(string algorithm, int keyLength, int macLength)
    {
        MacAlgorithms.TryGet(algorithm, out MacAlgorithm? found);
        using var secret = Secret.FromBytes(new byte[keyLength]);
        TcpAoKey key = new(s_peer, 1, 2, secret) { Algorithm = found!, MacLength = macLength, IncludeTcpOptions = false };
        ModelSocket socket = new(_native);
        AoOptions.AddKey(socket, key);
        Assert.True(AoOptions.HasKey(socket, key));
        using var other = Secret.FromBytes([.. new byte[keyLength - 1], 1]);
        Assert.False(AoOptions.HasKey(socket, new TcpAoKey(s_peer, 1, 2, other) { Algorithm = found!, MacLength = macLength, IncludeTcpOptions = false }));
        Assert.False(AoOptions.HasKey(socket, new TcpAoKey(s_peer, 1, 2, secret) { Algorithm = found!, MacLength = macLength }));
    }

    [Theory]
    [InlineData("kmac-256-128", "hmac-sha-256")]
    [InlineData("hmac-sha-256-128", "tcpao run")]
    [InlineData("tcp-md5", "AddTcpMd5Key")]
    public void Algorithm_ThatLinuxHasNot_IsRefusedWithASentence(string algorithm, string words)
    {
        MacAlgorithms.TryGet(algorithm, out MacAlgorithm? found);
        TcpAoException error = Assert.Throws<TcpAoException>(() => AoOptions.AddKey(new ModelSocket(_native), Key(s_peer, algorithm: found!)));
        Assert.Equal(TcpAoError.AlgorithmNotSupported, error.Error);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_OnANativeKernel_AreRefusedWithASentence()
    {
        TcpAoKey key = new(s_peer, 1, 2, Secret.FromText(Text)) { RemotePorts = PortMatch.Of(179) };
        TcpAoException error = Assert.Throws<TcpAoException>(() => AoOptions.AddKey(new ModelSocket(_native), key));
        Assert.Equal((TcpAoError.ExtensionNotSupported, LinuxErrno.ArgumentTooBig), (error.Error, error.Errno));
        Assert.Contains("tcpao exec", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Requirement("R-011")]
    public void Ports_WhereTheDataPlaneIsOurs_AreTheKeys()
    {
        ModelSocket socket = new(_ours);
        AoOptions.AddKey(socket, new TcpAoKey(s_peer, 1, 2, Secret.FromText(Text)) { RemotePorts = PortMatch.Of(179) });
        AoOptions.AddKey(socket, new TcpAoKey(s_peer, 1, 2, Secret.FromText(Text)) { RemotePorts = PortMatch.Range(1024, 2047), LocalPorts = PortMatch.Masked(1, 1) });
        Assert.Equal(
            [(PortMatch.Masked(1, 1), PortMatch.Range(1024, 2047)), (PortMatch.Any, PortMatch.Of(179))],
            AoOptions.GetKeys(socket).Select(key => (key.LocalPorts, key.RemotePorts)));
        AoOptions.RemoveKey(socket, new TcpAoKeyRemoval(s_peer, 1, 2) { RemotePorts = PortMatch.Of(179) });
        Assert.Single(AoOptions.GetKeys(socket));
    }

    [Fact]
    [Requirement("R-058")]
    public void ReceivedIds_OnANativeKernel_AreRefusedWithASentence()
    {
        ModelSocket socket = new(_native);
        AoOptions.AddKey(socket, Key(s_peer));
        Assert.Equal(TcpAoError.ExtensionNotSupported, Assert.Throws<TcpAoException>(() => AoOptions.GetReceivedIds(socket)).Error);
        ModelSocket ours = new(_ours);
        AoOptions.AddKey(ours, Key(s_peer));
        Assert.Null(AoOptions.GetReceivedIds(ours));
    }

    [Fact]
    public void Keys_MoreThanTheFirstAnswerHolds_AreAllRead()
    {
        ModelSocket socket = new(_native);
        for (int i = 0; i < 100; i++)
        {
            AoOptions.AddKey(socket, Key(IpPrefix.Host(IpAddressBits.FromBytes([10, 0, 0, (byte)i])), sendId: (byte)i));
        }

        Assert.Equal(Enumerable.Range(0, 100).Reverse(), AoOptions.GetKeys(socket).Select(key => (int)key.SendId));
    }

    [Fact]
    [Requirement("R-057")]
    public void Info_ChangedInOnePoint_KeepsTheOthers()
    {
        ModelSocket socket = new(_native);
        Assert.Null(AoOptions.FindInfo(socket));
        AoOptions.SetInfo(socket, new TcpAoInfoChange { AoRequired = true });
        AoOptions.SetInfo(socket, new TcpAoInfoChange { AcceptIcmps = true, Counters = new TcpAoCounters(1, 2, 3, 4, 5) });
        AoOptions.AddKey(socket, Key(s_peer));
        AoOptions.SetInfo(socket, new TcpAoInfoChange { CurrentSendId = 1 });
        Assert.Equal(new TcpAoInfo(1, null, true, true, new TcpAoCounters(1, 2, 3, 4, 5)), AoOptions.FindInfo(socket));
    }

    [Fact]
    [Requirement("R-090")]
    public void Repair_OfASocketInRepair_IsGotBack()
    {
        ModelSocket socket = new(_native);
        AoOptions.AddKey(socket, Key(s_peer));
        Assert.Equal(TcpAoError.NotPermitted, Assert.Throws<TcpAoException>(() => AoOptions.GetRepair(socket)).Error);
        socket.Facts = socket.Facts with { InRepair = true };
        TcpAoRepairState state = new(1, 2, 3, 4);
        AoOptions.SetRepair(socket, state);
        Assert.Equal(state, AoOptions.GetRepair(socket));
    }

    public static TheoryData<string, TcpAoError> Refusals => new()
    {
        { "add: same ids", TcpAoError.IdInUse },
        { "add: beside TCP MD5", TcpAoError.KeyRejected },
        { "add: no VRF", TcpAoError.InvalidValue },
        { "add: current on a listener", TcpAoError.InvalidValue },
        { "add: connected without", TcpAoError.ConnectedWithout },
        { "add: a long MAC", TcpAoError.MacTooLong },
        { "add: no memory", TcpAoError.OutOfMemory },
        { "remove: not there", TcpAoError.NoSuchKey },
        { "remove: in use", TcpAoError.KeyInUse },
        { "info: no such key", TcpAoError.NoSuchKey },
        { "info: required beside TCP MD5", TcpAoError.KeyRejected },
        { "md5: beside TCP-AO", TcpAoError.KeyRejected },
        { "md5: not there", TcpAoError.NoSuchKey },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refusal_OfTheKernel_IsATypedErrorThatSaysWhatToDo(string situation, TcpAoError expected)
    {
        ModelSocket socket = new(_native);
        TcpAoException error = Assert.Throws<TcpAoException>(() => Do(situation, socket));
        Assert.Equal(expected, error.Error);
        Assert.NotEqual(LinuxErrno.None, error.Errno);
        Assert.DoesNotContain(Text, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(Text)), error.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Kernel_WithoutTcpAo_SaysToRunUnderExec()
    {
        Assert.SkipWhen(TcpAoSupport.IsSupported, "this kernel has TCP-AO");
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        TcpAoException error = Assert.Throws<TcpAoException>(() => socket.AddTcpAoKey(Key(s_peer)));
        Assert.Equal((TcpAoError.NotSupported, LinuxErrno.NoSuchOption), (error.Error, error.Errno));
        Assert.Contains("tcpao exec", error.Message, StringComparison.Ordinal);
        Assert.Equal(error.Message, $"{TcpAoSupport.Reason} (ENOPROTOOPT: Protocol not available)");
        Assert.Equal(TcpAoSupport.Reason, Assert.Throws<TcpAoException>(TcpAoSupport.ThrowIfNotSupported).Message);
        Assert.False(TcpAoSupport.HasExtension);
        Assert.False(socket.TryGetTcpAoInfo(out _));
        Assert.Throws<TcpAoException>(() => socket.CheckTcpAoPeer(IPAddress.Loopback));
    }

    [Fact]
    public void Socket_Closed_IsAnObjectDisposed()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Dispose();
        Assert.Throws<ObjectDisposedException>(() => socket.AddTcpAoKey(Key(s_peer)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public void MacLength_ThatIsNone_IsRefused(int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TcpAoKey(s_peer, 1, 2, Secret.FromText(Text)) { MacLength = length });

    private static void Do(string situation, ModelSocket socket)
    {
        switch (situation)
        {
            case "add: same ids":
                AoOptions.AddKey(socket, Key(s_peer));
                AoOptions.AddKey(socket, Key(Prefix("192.0.2.0/24")));
                break;
            case "add: beside TCP MD5":
                Md5Options.AddKey(socket, new TcpMd5Key(s_peer, Secret.FromText(Text)));
                AoOptions.AddKey(socket, Key(s_peer));
                break;
            case "add: no VRF":
                AoOptions.AddKey(socket, new TcpAoKey(s_peer, 1, 2, Secret.FromText(Text)) { InterfaceIndex = 7 });
                break;
            case "add: current on a listener":
                AoOptions.AddKey(socket.In(TcpState.Listen), new TcpAoKey(s_peer, 1, 2, Secret.FromText(Text)) { IsCurrent = true });
                break;
            case "add: connected without":
                AoOptions.AddKey(socket.In(TcpState.Established), Key(s_peer));
                break;
            case "add: a long MAC":
                AoOptions.AddKey(socket, new TcpAoKey(s_peer, 1, 2, Secret.FromText(Text)) { MacLength = 17 });
                break;
            case "add: no memory":
                for (int i = 0; i < 700; i++)
                {
                    AoOptions.AddKey(socket, Key(IpPrefix.Host(IpAddressBits.FromBytes([10, 0, (byte)(i >> 8), (byte)i]))));
                }

                break;
            case "remove: not there":
                AoOptions.RemoveKey(socket, new TcpAoKeyRemoval(s_peer, 1, 2));
                break;
            case "remove: in use":
                AoOptions.AddKey(socket, new TcpAoKey(s_peer, 1, 2, Secret.FromText(Text)) { IsCurrent = true });
                AoOptions.RemoveKey(socket, new TcpAoKeyRemoval(s_peer, 1, 2));
                break;
            case "info: no such key":
                AoOptions.AddKey(socket, Key(s_peer));
                AoOptions.SetInfo(socket, new TcpAoInfoChange { RNextRecvId = 9 });
                break;
            case "info: required beside TCP MD5":
                Md5Options.AddKey(socket, new TcpMd5Key(s_peer, Secret.FromText(Text)));
                AoOptions.SetInfo(socket, new TcpAoInfoChange { AoRequired = true });
                break;
            case "md5: beside TCP-AO":
                AoOptions.AddKey(socket, Key(s_peer));
                Md5Options.AddKey(socket, new TcpMd5Key(s_peer, Secret.FromText(Text)));
                break;
            default:
                Md5Options.RemoveKey(socket, s_peer, null);
                break;
        }
    }

    private static TcpAoKey Key(IpPrefix peer, byte sendId = 1, MacAlgorithm? algorithm = null) =>
        new(peer, sendId, 2, Secret.FromText(Text)) { Algorithm = algorithm ?? MacAlgorithms.HmacSha1 };

    private static IpPrefix Prefix(string text) => IpPrefix.TryParse(text, out IpPrefix prefix, out string? reason) ? prefix : throw new ArgumentException(reason);
}
