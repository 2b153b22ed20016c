using TcpAo.Crypto;
using TcpAo.KeyChains;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Sockets;

/// <summary>The key manager on model sockets; a rollover between real ones is in the matrix.</summary>
public sealed class KeyManagerTests : IDisposable
{
    private static readonly IpAddressBits s_address = IpAddressBits.FromBytes([192, 0, 2, 1]);
    private static readonly IpPrefix s_peer = IpPrefix.Host(s_address);

    private readonly List<TcpAoKeyEvent> _events = [];
    private readonly ManualTime _time = new();
    private readonly TcpAoKeyManager _manager;
    private readonly SocketNamespace _space = new() { Md5 = Md5Support.Engine };
    private readonly ModelSocket _socket;

    public KeyManagerTests()
    {
        _manager = new TcpAoKeyManager(new TcpAoKeyManagerOptions { Time = _time, Observer = _events.Add });
        _socket = new ModelSocket(_space);
        _time.Set(5);
    }

    [Fact]
    [Requirement("R-054")]
    public void Socket_BeforeItConnects_HasTheKeyThatSigns()
    {
        using TcpAoManagedKeys keys = Manage(Chains.Rolling);
        Assert.Equal([1], Ids());
        Assert.Equal(((byte?)1, (byte?)1), InUse());
        Assert.Equal([TcpAoKeyEventKind.Added, TcpAoKeyEventKind.Asked, TcpAoKeyEventKind.Signing], _events.Select(told => told.Kind));
    }

    [Fact]
    public void Listener_OverTime_HasTheKeysOfTheTime()
    {
        using TcpAoManagedKeys keys = Manage(Chains.Rolling);
        _socket.In(TcpState.Listen);
        At(8.5, [2, 1]);
        At(11.5, [2]);

        // the clock is set back
        At(8.5, [1, 2]);
        At(5, [1]);
    }

    [Fact]
    public void Chain_WithoutAValidKey_IsRefusedAtOnceAndToldOfLater()
    {
        _time.Set(20);
        TcpAoException error = Assert.Throws<TcpAoException>(() => Manage(Chains.Of(Chains.Key(1, "x", 0, 10))));
        Assert.Equal(TcpAoError.NoValidKey, error.Error);
        Assert.Empty(Ids());

        _time.Set(5);
        using TcpAoManagedKeys keys = Manage(Chains.Of(Chains.Key(1, "x", 0, 10)));
        _socket.In(TcpState.Listen);
        At(20, [1]);
        At(21, [1]);
        Assert.Equal([TcpAoKeyEventKind.NoSendKey, TcpAoKeyEventKind.NoAcceptKey, TcpAoKeyEventKind.LastKeyKept], _events.Where(told => told.IsProblem).Select(told => told.Kind));
    }

    [Fact]
    public void Chain_ThatIsWrong_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Manage(Chains.Of()));
        Assert.Equal(TcpAoError.AlgorithmNotSupported, Assert.Throws<TcpAoException>(() => Manage(Chains.Of(Chains.Key(1, "x", 0, 10, MacAlgorithms.Kmac256)))).Error);
    }

    [Fact]
    [Requirement("R-016")]
    public void Listener_WhoseOnlyKeyGetsOtherMaterial_IsNeverOpen()
    {
        using TcpAoManagedKeys keys = Manage(Chains.Of(Chains.Key(1, "before", 0, 100)));
        _socket.In(TcpState.Listen);
        _socket.Sets.Clear();
        keys.Use(Chains.Of(Chains.Key(1, "after", 0, 100)));
        Assert.Equal(
            [TcpSocketOption.AoInfo, TcpSocketOption.AoDelKey, TcpSocketOption.AoAddKey, TcpSocketOption.AoInfo],
            _socket.Sets.Select(set => set.Option));
        Assert.All(_socket.Sets, set => Assert.Equal(LinuxErrno.None, set.Errno));
        Assert.False(_socket.Model.AoRequired);
        using var secret = Secret.FromText("after");
        Assert.True(AoOptions.HasKey(_socket, new TcpAoKey(s_peer, 1, 1, secret)));
    }

    [Fact]
    [Requirement("R-055")]
    public void Connection_MadeBeforeItsListenerGotAKey_GetsItWhenItIsAdopted()
    {
        object listener = new();
        ModelSocket its = new(_space);
        using TcpAoManagedKeys keys = _manager.ManageAs(listener, its, Chains.Rolling, s_peer, null);

        // the handshake ended with the keys of day 5; now it is day 9.5
        ModelSocket child = new ModelSocket(_space);
        AoOptions.AddKey(child, TcpAoKey.Of(Chains.Rolling.AoKeys[0], s_peer));
        AoOptions.SetInfo(child, new TcpAoInfoChange { CurrentSendId = 1, RNextRecvId = 1 });
        child.In(TcpState.Established);
        _time.Set(9.5);
        _manager.Check();
        using TcpAoManagedKeys? adopted = _manager.AdoptAs(listener, new object(), child, s_address);
        Assert.NotNull(adopted);
        Assert.Equal([2, 1], AoOptions.GetKeys(child).Select(key => (int)key.SendId));
        Assert.Equal((byte?)2, AoOptions.FindInfo(child)!.RNextRecvId);
        Assert.Equal((byte?)1, AoOptions.FindInfo(child)!.CurrentSendId);
    }

    [Fact]
    public void Connection_ThatCameUnsigned_IsNotAdopted()
    {
        object listener = new();
        using TcpAoManagedKeys keys = _manager.ManageAs(listener, new ModelSocket(_space), Chains.Rolling, s_peer, null);
        ModelSocket child = new ModelSocket(_space).In(TcpState.Established);
        Assert.Equal(TcpAoError.Unsigned, Assert.Throws<TcpAoException>(() => _manager.AdoptAs(listener, new object(), child, s_address)).Error);
        Assert.Null(_manager.AdoptAs(listener, new object(), child, IpAddressBits.FromBytes([192, 0, 2, 9])));
        Assert.Null(_manager.AdoptAs(new object(), new object(), child, s_address));
    }

    [Fact]
    public void Connection_WhosePeerStaysWithTheOldKey_KeepsItAndIsToldOfOnce()
    {
        using TcpAoManagedKeys keys = Manage(Chains.Rolling);
        _socket.In(TcpState.Established);
        At(9.5, [2, 1]);
        At(12, [2, 1]);
        _time.Set(12.5);
        At(12.5, [2, 1]);
        At(13, [2, 1]);
        Assert.Equal([TcpAoKeyEventKind.PeerDoesNotFollow], _events.Where(told => told.IsProblem).Select(told => told.Kind));
    }

    [Fact]
    public void Refusal_InALaterLook_IsToldOnceAndTriedAgain()
    {
        using TcpAoManagedKeys keys = Manage(Chains.Rolling);
        _socket.In(TcpState.Listen);
        int limit = _space.OptMemMax;
        _space.OptMemMax = 300;
        At(9.5, [1]);
        At(9.6, [1]);
        Assert.Single(_events, told => told.Kind == TcpAoKeyEventKind.Failed);
        _space.OptMemMax = limit;
        At(9.7, [2, 1]);
    }

    [Fact]
    public void Chain_OfTheSameName_IsFollowedByAll()
    {
        using TcpAoManagedKeys keys = Manage(Chains.Rolling);
        _socket.In(TcpState.Listen);
        Assert.Equal(1, _manager.Use(Chains.Of(Chains.Key(1, "first", 0, 10), Chains.Key(3, "third", 0, 100))));
        Assert.Equal([3, 1], Ids());
        Assert.Equal(0, _manager.Use(new KeyChain("other", Chains.Rolling.Keys, TimeSpan.Zero)));
        Assert.Throws<ArgumentException>(() => _manager.Use(Chains.Of()));
    }

    [Fact]
    public void Events_Any_HaveNoSecret()
    {
        using TcpAoManagedKeys keys = Manage(Chains.Rolling);
        _socket.In(TcpState.Listen);
        At(9.5, [2, 1]);
        At(30, [2]);
        Assert.NotEmpty(_events);
        Assert.All(_events, told => Assert.DoesNotContain("second", told.ToString(), StringComparison.Ordinal));
    }

    public void Dispose() => _manager.Dispose();

    private TcpAoManagedKeys Manage(KeyChain chain) => _manager.ManageAs(_socket, _socket, chain, s_peer, null);

    private void At(double day, int[] sendIds)
    {
        _time.Set(day);
        _manager.Check();
        Assert.Equal(sendIds, Ids());
    }

    private int[] Ids() => [.. AoOptions.GetKeys(_socket).Select(key => (int)key.SendId)];

    private (byte? Current, byte? RNext) InUse() => AoOptions.FindInfo(_socket) is { } info ? (info.CurrentSendId, info.RNextRecvId) : default;
}
