using TcpAo.Keys;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Tests.Uapi;

/// <summary>What calls give and leave behind, beside their errno (linux-uapi 2 and 4).</summary>
public sealed class SocketCallTests
{
    private readonly SocketRig _rig = new();

    [Fact]
    public void Keys_OnASocket_AreNewestFirst()
    {
        Assert.All<byte>([1, 2, 3], id => Assert.Equal(LinuxErrno.None, _rig.Add(send: id, recv: id)));
        Assert.Equal([3, 2, 1], _rig.Order());
        Assert.Equal((null, null), _rig.InUse());
    }

    [Fact]
    [Requirement("R-019")]
    public void Key_ThatIsBusy_ComesBackAsTheNewestAndWhatWasNamedStays()
    {
        Assert.Equal(LinuxErrno.None, _rig.Add(send: 1, recv: 1, edit: add => add.SetCurrent = add.SetRNext = true));
        Assert.Equal(LinuxErrno.None, _rig.Add(send: 2, recv: 2));
        Assert.Equal(LinuxErrno.Busy, _rig.Del(send: 1, recv: 1, edit: del => (del.SetCurrent, del.CurrentKey) = (true, 2)));
        Assert.Equal([1, 2], _rig.Order());
        Assert.Equal((2, 1), _rig.InUse());
    }

    [Fact]
    public void FirstKey_OfAConnectionInRepairMode_IsUsedAtOnce()
    {
        Assert.Equal(LinuxErrno.None, _rig.Established().Repair().Add(send: 5, recv: 6));
        Assert.Equal((5, 6), _rig.InUse());
    }

    [Fact]
    public void GetKeys_WithRoomForFewer_GivesThoseAndCountsAll()
    {
        Assert.All<byte>([1, 2, 3], id => Assert.Equal(LinuxErrno.None, _rig.Add(send: id, recv: id)));
        UapiAnswer answer = _rig.Get(TcpSocketOption.AoGetKeys, SocketRig.FilterBytes(filter => (filter.GetAll, filter.KeyCount) = (true, 2)));
        Assert.Equal((3u, 304), (SocketRig.CountOf(answer), answer.Length));
        Assert.Equal([(0, 304), (304, 304), (272, 4)], answer.Writes.Select(write => (write.Offset, write.Bytes.Length)));

        // a program that knows a shorter or longer record; the count goes where it always is
        answer = _rig.Get(TcpSocketOption.AoGetKeys, SocketRig.FilterBytes(filter => (filter.GetAll, filter.KeyCount) = (true, 9))[..280]);
        Assert.Equal([(0, 280), (280, 280), (560, 280), (272, 4)], answer.Writes.Select(write => (write.Offset, write.Bytes.Length)));
        answer = _rig.Get(TcpSocketOption.AoGetKeys, [.. SocketRig.FilterBytes(filter => (filter.GetAll, filter.KeyCount) = (true, 9)), .. new byte[16]]);
        Assert.Equal([(0, 304), (320, 304), (640, 304), (272, 4)], answer.Writes.Select(write => (write.Offset, write.Bytes.Length)));
    }

    [Fact]
    [Requirement("R-108")]
    public void GetKeys_OfAnAesKeyOfAnotherLength_GivesWhatIsKept()
    {
        // RFC 4493's example: the CMAC of nothing is under its own key; under zeros it is this
        Assert.Equal(LinuxErrno.None, _rig.Add(edit: add => add.AlgorithmName = "cmac(aes128)"));
        var record = new TcpAoGetSockOpt(Assert.Single(_rig.Records(filter => filter.GetAll = true)));
        Assert.Equal(("cmac(aes)", 16), (record.AlgorithmName, record.KeyLength));
        Assert.Equal(ReferenceDerived("testvector"u8), record.Key.ToArray());

        var plain = new SocketRig();
        Assert.Equal(LinuxErrno.None, plain.Add(edit: add =>
        {
            (add.AlgorithmName, add.KeyLength) = ("cmac(aes128)", 16);
            "0123456789abcdef"u8.CopyTo(add.Key);
        }));
        Assert.Equal("0123456789abcdef"u8, new TcpAoGetSockOpt(Assert.Single(plain.Records(filter => filter.GetAll = true))).Key);
    }

    [Fact]
    public void GetKeys_ByAddress_TakesWidePrefixesAndNeedsBothIds()
    {
        Assert.Equal(LinuxErrno.None, _rig.Add(send: 1, recv: 2));
        Assert.Equal(LinuxErrno.None, _rig.Add("192.0.2.7", send: 1, recv: 2));
        Assert.Single(_rig.Records(filter => (filter.Address, filter.PrefixLength, filter.SendId, filter.ReceiveId) = (SocketRig.Address("192.0.2.7"), 32, 1, 2)));
        Assert.Equal(2, _rig.Records(filter => (filter.Address, filter.PrefixLength, filter.SendId, filter.ReceiveId) = (SocketRig.Address("192.0.2.0"), 24, 1, 2)).Length);
        Assert.Equal(2, _rig.Records(filter => (filter.Address, filter.SendId, filter.ReceiveId) = (SocketRig.Address("0.0.0.0"), 1, 2)).Length);
        Assert.Empty(_rig.Records(filter => (filter.Address, filter.SendId) = (SocketRig.Address("0.0.0.0"), 1)));
    }

    [Fact]
    public void OptionMemory_OfTheDefaultSize_HoldsAsManyKeysAsLinux()
    {
        int added = 0;
        while (_rig.Add($"10.0.{added / 250}.{(added % 250) + 1}") == LinuxErrno.None)
        {
            added++;
        }

        Assert.Equal(655, added);
        Assert.Equal(LinuxErrno.OutOfMemory, _rig.Add("10.9.9.9"));
        Assert.Equal(LinuxErrno.None, _rig.Del("10.0.0.1"));
        Assert.Equal(LinuxErrno.None, _rig.Add("10.9.9.9"));
    }

    [Fact]
    [Requirement("R-099")]
    public void Md5_OfTheKernel_IsPassedOnAndKeptInMind()
    {
        _rig.Space.Md5 = Md5Support.Kernel;
        byte[] bytes = new byte[TcpMd5Sig.Size];
        _ = new TcpMd5Sig(bytes) { Address = SocketRig.Address(SocketRig.Peer), KeyLength = 3 };
        Assert.True(_rig.Socket.SetOption(TcpSocketOption.Md5Sig, bytes, bytes.Length, _rig.Facts).ToKernel);
        _rig.Socket.CompleteMd5(TcpSocketOption.Md5Sig, bytes, bytes.Length, _rig.Facts, LinuxErrno.NoSuchOption);
        Assert.False(_rig.Socket.HasMd5);
        _rig.Socket.CompleteMd5(TcpSocketOption.Md5Sig, bytes, bytes.Length, _rig.Facts, LinuxErrno.None);
        Assert.True(_rig.Socket.HasMd5);
        Assert.Equal(LinuxErrno.KeyRejected, _rig.Add());
        Assert.Null(_rig.Socket.Find(SocketRig.Pair(SocketRig.Peer)));

        // what is wrong with it the kernel says
        Assert.True(_rig.Socket.SetOption(TcpSocketOption.Md5Sig, bytes, 5, _rig.Facts).ToKernel);
    }

    [Fact]
    [Requirement("R-097", "R-099")]
    public void Md5_OfTheEngine_IsTheConnectionsPolicyAndTakesAoAwayAtConnect()
    {
        Assert.Equal(LinuxErrno.None, _rig.Add("192.0.2.7"));
        Assert.Equal(LinuxErrno.None, _rig.Info(info => (info.SetCounters, info.Good) = (true, 9)));
        Assert.Equal(LinuxErrno.None, _rig.Md5());
        Assert.True(_rig.Socket.Find(SocketRig.Pair(SocketRig.Peer))!.IsMd5);
        Assert.False(_rig.Socket.Find(SocketRig.Pair("192.0.2.7"))!.IsMd5);
        Assert.Equal(LinuxErrno.None, _rig.Socket.Connect(_rig.To(SocketRig.Peer)));
        Assert.False(_rig.Socket.HasAo);
        Assert.Equal(0ul, _rig.Socket.Counters.Good);
        Assert.Equal(LinuxErrno.IsConnected, _rig.Established().Add());
    }

    [Fact]
    public void Connect_ThatIsRefused_ChangesNothing()
    {
        Assert.Equal(LinuxErrno.None, _rig.Add("192.0.2.7", send: 7, recv: 7));
        Assert.Equal(LinuxErrno.KeyRejected, _rig.Socket.Connect(_rig.To(SocketRig.Peer)));
        Assert.Equal([7], _rig.Order());
        Assert.Equal(LinuxErrno.None, _rig.Socket.Connect(_rig.To("192.0.2.7")));
        Assert.Equal((7, 7), _rig.InUse());
    }

    [Fact]
    public void Keys_ThatShareIdsInOneVrf_LeaveTheNewerOne()
    {
        // Linux refuses neither: the second is for every VRF, and the first not in none
        _rig.WithVrf();
        Assert.Equal(LinuxErrno.None, _rig.Add(edit: add => (add.KeyFlags, add.InterfaceIndex) = (AoKeyFlags.InterfaceIndex, SocketRig.Vrf)));
        Assert.Equal(LinuxErrno.None, _rig.Add(edit: add => add.MacLength = 16));
        AoKey key = Assert.Single(_rig.Socket.Find(SocketRig.Pair(SocketRig.Peer) with { Vrf = SocketRig.Vrf })!.Keys.Keys);
        Assert.Equal(16, key.MacLength);
    }

    [Fact]
    public void Answer_Erased_HoldsNoKey()
    {
        Assert.Equal(LinuxErrno.None, _rig.Add());
        UapiAnswer answer = _rig.Get(TcpSocketOption.AoGetKeys, SocketRig.FilterBytes(filter => (filter.GetAll, filter.KeyCount) = (true, 1)));
        Assert.Contains((byte)'v', answer.Writes[0].Bytes);
        answer.Erase();
        Assert.All(answer.Writes, write => Assert.True(write.Bytes.All(b => b == 0)));
    }

    private static byte[] ReferenceDerived(ReadOnlySpan<byte> key) => Crypto.ReferenceCmac.Compute(new byte[16], key.ToArray());
}
