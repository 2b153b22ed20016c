using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Tests.Uapi;

/// <summary>What Linux' structures have no field for: ports of a key, and the ids of the last segment that verified.</summary>
public sealed class ExtensionTests
{
    private static readonly PortMatch s_bgp = PortMatch.Of(179);
    private static readonly PortMatch s_high = PortMatch.Range(1024, 65535);

    private delegate void BlockEdit(TcpAoExtension extension);

    [Fact]
    public void Block_OfAnyPorts_IsReadBack()
    {
        foreach (PortMatch ports in (PortMatch[])[PortMatch.Any, s_bgp, s_high, PortMatch.Of(0), PortMatch.Range(0, 1), PortMatch.Masked(1, 1), PortMatch.Masked(0x8001, 0x8001)])
        {
            byte[] value = new byte[TcpAoExtension.TotalLength];
            TcpAoExtension written = TcpAoExtension.Create(value);
            written.RemotePorts = ports;
            Assert.True(TcpAoExtension.TryGet(value, out TcpAoExtension read));
            Assert.Equal((PortMatch.Any, ports, false), (read.LocalPorts, read.RemotePorts, read.HasReserved));
        }
    }

    [Fact]
    public void Block_OfTooFewBytes_IsNone()
    {
        byte[] value = new byte[TcpAoExtension.TotalLength];
        Assert.False(TcpAoExtension.TryGet(value, out _));
        TcpAoExtension.Create(value);
        Assert.False(TcpAoExtension.TryGet(value.AsSpan(0, value.Length - 1), out _));
        Assert.Throws<ArgumentException>(() => TcpAoExtension.Create(new byte[TcpAoExtension.TotalLength - 1]));
    }

    [Fact]
    public void Value_WithABlock_IsTooBigForLinux()
    {
        SocketRig rig = new();
        byte[] add = Extended(rig.AddBytes());
        Assert.Equal(LinuxErrno.ArgumentTooBig, rig.Set(TcpSocketOption.AoAddKey, add, add.Length));
        Assert.Equal(LinuxErrno.None, rig.Add());
        Assert.Equal(LinuxErrno.ArgumentTooBig, rig.Get(TcpSocketOption.AoInfo, Extended([])).Errno);
        Assert.Equal(LinuxErrno.ArgumentTooBig, rig.Get(TcpSocketOption.AoGetKeys, Extended(SocketRig.FilterBytes(filter => filter.GetAll = true))).Errno);
    }

    [Fact]
    public void Value_WithABrokenBlock_IsRefused()
    {
        SocketRig rig = Rig();
        Assert.Equal(LinuxErrno.InvalidArgument, Broken(30, 1));
        Assert.Equal(LinuxErrno.InvalidArgument, Broken(4, 33));
        Assert.Equal(LinuxErrno.InvalidArgument, Broken(6, 2));

        // 65535 to 0
        Assert.Equal(LinuxErrno.InvalidArgument, Broken(8, 0xFF, 0xFF, 0, 0));

        // with zeros between the structure and the block, and behind it
        byte[] add = [.. Extended(rig.AddBytes()), 0, 0];
        add[400] = 1;
        Assert.Equal(LinuxErrno.ArgumentTooBig, rig.Set(TcpSocketOption.AoAddKey, add, add.Length));
        (add[400], add[^1]) = (0, 1);
        Assert.Equal(LinuxErrno.ArgumentTooBig, rig.Set(TcpSocketOption.AoAddKey, add, add.Length));
        add[^1] = 0;
        Assert.Equal(LinuxErrno.BadAddress, rig.Socket.SetOption(TcpSocketOption.AoAddKey, add, add.Length + 1, rig.Facts).Errno);
        Assert.Equal(LinuxErrno.None, rig.Set(TcpSocketOption.AoAddKey, add, add.Length));

        // where it says nothing it is no more than what Linux does not know
        Assert.Equal(LinuxErrno.ArgumentTooBig, rig.Set(TcpSocketOption.AoInfo, Extended([]), TcpAoExtension.TotalLength));

        LinuxErrno Broken(int at, params byte[] bytes)
        {
            byte[] value = Extended(rig.AddBytes());
            bytes.CopyTo(value, TcpAoExtension.Offset + at);
            return rig.Set(TcpSocketOption.AoAddKey, value, value.Length);
        }
    }

    [Fact]
    [Requirement("R-011", "R-018")]
    public void Keys_WithTheSameIdsAndOtherPorts_StandSideBySide()
    {
        SocketRig rig = Rig();
        Assert.Equal(LinuxErrno.None, Add(rig, 1, PortMatch.Range(1, 178)));
        Assert.Equal(LinuxErrno.AlreadyExists, Add(rig, 1, PortMatch.Range(100, 200)));
        Assert.Equal(LinuxErrno.AlreadyExists, rig.Add());
        Assert.Equal(LinuxErrno.None, Add(rig, 1, s_bgp));
    }

    [Fact]
    [Requirement("R-011")]
    public void Connect_ToAPortWithoutAKey_IsRejected()
    {
        SocketRig rig = Rig();
        Assert.Equal(LinuxErrno.None, Add(rig, 1, PortMatch.Of(180)));
        Assert.Equal(LinuxErrno.KeyRejected, rig.Socket.CheckConnect(rig.To(SocketRig.Peer)));

        Assert.Equal(LinuxErrno.None, Add(rig, 1, s_bgp));
        Assert.Equal(LinuxErrno.None, rig.Socket.Connect(rig.To(SocketRig.Peer)));
        Assert.Equal(1, rig.Socket.KeyCount);
    }

    [Fact]
    [Requirement("R-011")]
    public void Listener_WithKeysForPorts_HasThemForTheseAlone()
    {
        SocketRig rig = Rig().Listen();
        Assert.Equal(LinuxErrno.None, Add(rig, 1, s_high));
        SocketPair pair = SocketRig.Pair(SocketRig.Peer);
        Assert.Equal((byte?)1, rig.Socket.Find(pair with { RemotePort = 5000 })?.Keys.Keys.Single().SendId);
        Assert.Null(rig.Socket.Find(pair));
    }

    [Fact]
    public void Key_WithPorts_IsDeletedByThem()
    {
        SocketRig rig = Rig();
        Assert.Equal(LinuxErrno.None, Add(rig, 1, s_bgp));
        byte[] bytes = new byte[TcpAoDel.Size];
        _ = new TcpAoDel(bytes) { Address = SocketRig.Address(SocketRig.Peer), PrefixLength = 32, SendId = 1, ReceiveId = 2 };
        Assert.Equal(LinuxErrno.NoEntry, rig.Set(TcpSocketOption.AoDelKey, bytes, bytes.Length));
        byte[] extended = Extended(bytes, extension => extension.RemotePorts = s_bgp);
        Assert.Equal(LinuxErrno.None, rig.Set(TcpSocketOption.AoDelKey, extended, extended.Length));
    }

    [Fact]
    public void Keys_GotWithABlock_TellTheirPorts()
    {
        SocketRig rig = Rig();
        Assert.Equal(LinuxErrno.None, Add(rig, 1, s_bgp));
        Assert.Equal(LinuxErrno.None, rig.Add(send: 3, recv: 4));
        UapiAnswer answer = rig.Get(TcpSocketOption.AoGetKeys, Extended(SocketRig.FilterBytes(filter => (filter.GetAll, filter.KeyCount) = (true, 2))));
        byte[] records = new byte[2 * TcpAoExtension.TotalLength];
        foreach (UapiWrite write in answer.Writes)
        {
            write.Bytes.CopyTo(records, write.Offset);
        }

        Assert.Equal((3, PortMatch.Any), Read(0));
        Assert.Equal((1, s_bgp), Read(1));

        (int SendId, PortMatch RemotePorts) Read(int index)
        {
            Span<byte> record = records.AsSpan(index * TcpAoExtension.TotalLength, TcpAoExtension.TotalLength);
            Assert.True(TcpAoExtension.TryGet(record, out TcpAoExtension extension));
            return (new TcpAoGetSockOpt(record).SendId, extension.RemotePorts);
        }
    }

    [Fact]
    public void Info_GotWithABlockBeforeASegment_HasNoIds()
    {
        SocketRig rig = Rig();
        Assert.Equal(LinuxErrno.NoEntry, rig.Get(TcpSocketOption.AoInfo, Extended([])).Errno);
        Assert.Equal(LinuxErrno.None, rig.Add());
        UapiAnswer answer = rig.Get(TcpSocketOption.AoInfo, Extended([]));
        byte[] value = new byte[TcpAoExtension.TotalLength];
        foreach (UapiWrite write in answer.Writes)
        {
            write.Bytes.CopyTo(value, write.Offset);
        }

        Assert.True(TcpAoExtension.TryGet(value, out TcpAoExtension extension));
        Assert.False(extension.HasLastIds);
    }

    private static SocketRig Rig()
    {
        SocketRig rig = new();
        rig.Space.AllowExtensions = true;
        return rig;
    }

    private static LinuxErrno Add(SocketRig rig, byte send, PortMatch remotePorts)
    {
        byte[] value = Extended(rig.AddBytes(send: send), extension => extension.RemotePorts = remotePorts);
        return rig.Set(TcpSocketOption.AoAddKey, value, value.Length);
    }

    private static byte[] Extended(byte[] structure, BlockEdit? edit = null)
    {
        byte[] value = new byte[TcpAoExtension.TotalLength];
        structure.CopyTo(value, 0);
        TcpAoExtension extension = TcpAoExtension.Create(value);
        edit?.Invoke(extension);
        return value;
    }
}
