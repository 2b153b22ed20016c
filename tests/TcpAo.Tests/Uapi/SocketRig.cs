using System.Buffers.Binary;
using System.Net;
using System.Text;
using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Uapi;

namespace TcpAo.Tests.Uapi;

internal delegate void AddEdit(TcpAoAdd add);

internal delegate void DelEdit(TcpAoDel del);

internal delegate void InfoEdit(TcpAoInfoOption info);

internal delegate void FilterEdit(TcpAoGetSockOpt filter);

internal delegate void Md5Edit(TcpMd5Sig sig);

/// <summary>One socket of the model, and calls of a program on it in few words. Its peer is 192.0.2.1 unless something else is said.</summary>
internal sealed class SocketRig(SocketFamily family = SocketFamily.Inet) : IL3Devices
{
    public const string Peer = "192.0.2.1";

    /// <summary>The one VRF there is, and a device in it.</summary>
    public const int Vrf = 10;
    public const int InVrf = 11;

    public SocketNamespace Space { get; } = new() { Md5 = Md5Support.Engine };

    public AoSocket Socket { get => field ??= new AoSocket(Space); set; }

    public SocketFacts Facts { get; set; } = new(family, TcpState.Closed) { MayRepair = true };

    public SocketRig WithVrf()
    {
        Space.L3Devices = this;
        return this;
    }

    public SocketRig In(TcpState state)
    {
        bool hasPeer = state is not (TcpState.Closed or TcpState.Listen);
        Facts = Facts with { State = state, HasPeer = hasPeer, Pair = hasPeer ? Pair(Peer) : default };
        return this;
    }

    public SocketRig Listen() => In(TcpState.Listen);

    public SocketRig Established() => In(TcpState.Established);

    public SocketRig Repair(bool isOn = true)
    {
        Facts = Facts with { InRepair = isOn };
        return this;
    }

    /// <summary>What must succeed before.</summary>
    public SocketRig After(Func<SocketRig, LinuxErrno> call)
    {
        LinuxErrno errno = call(this);
        return errno == LinuxErrno.None ? this : throw new InvalidOperationException($"Not set up: {errno}.");
    }

    public LinuxErrno Add(string address = Peer, int prefix = -1, byte send = 1, byte recv = 2, AddEdit? edit = null, int length = TcpAoAdd.Size) =>
        Set(TcpSocketOption.AoAddKey, AddBytes(address, prefix, send, recv, edit), length);

    public byte[] AddBytes(string address = Peer, int prefix = -1, byte send = 1, byte recv = 2, AddEdit? edit = null)
    {
        byte[] bytes = new byte[TcpAoAdd.Size];
        SockAddr given = Address(address);
        var add = new TcpAoAdd(bytes)
        {
            Address = given,
            PrefixLength = (byte)(prefix >= 0 ? prefix : given.Address.IsIPv4 ? 32 : 128),
            SendId = send,
            ReceiveId = recv,
            AlgorithmName = "hmac(sha1)",
            KeyLength = 10,
        };
        Encoding.ASCII.GetBytes("testvector", add.Key);
        edit?.Invoke(add);
        return bytes;
    }

    public LinuxErrno Del(string address = Peer, int prefix = -1, byte send = 1, byte recv = 2, DelEdit? edit = null, int length = TcpAoDel.Size)
    {
        byte[] bytes = new byte[TcpAoDel.Size];
        SockAddr given = Address(address);
        var del = new TcpAoDel(bytes) { Address = given, PrefixLength = (byte)(prefix >= 0 ? prefix : given.Address.IsIPv4 ? 32 : 128), SendId = send, ReceiveId = recv };
        edit?.Invoke(del);
        return Set(TcpSocketOption.AoDelKey, bytes, length);
    }

    public LinuxErrno Info(InfoEdit? edit = null, int length = TcpAoInfoOption.Size)
    {
        byte[] bytes = new byte[TcpAoInfoOption.Size];
        edit?.Invoke(new TcpAoInfoOption(bytes));
        return Set(TcpSocketOption.AoInfo, bytes, length);
    }

    public LinuxErrno Md5(string address = Peer, string key = "md5", TcpSocketOption option = TcpSocketOption.Md5Sig, Md5Edit? edit = null, int length = TcpMd5Sig.Size)
    {
        byte[] bytes = new byte[TcpMd5Sig.Size];
        var sig = new TcpMd5Sig(bytes) { Address = Address(address), KeyLength = (ushort)key.Length };
        Encoding.ASCII.GetBytes(key, sig.Key);
        edit?.Invoke(sig);
        return Set(option, bytes, length);
    }

    public LinuxErrno Md5InVrf() => Md5(option: TcpSocketOption.Md5SigExt, edit: sig => (sig.Flags, sig.InterfaceIndex) = (2, Vrf));

    public LinuxErrno SetRepair(int length = TcpAoRepairOption.Size, uint sendIsn = 1, uint receiveIsn = 2, uint sendSne = 3, uint receiveSne = 4)
    {
        byte[] bytes = new byte[TcpAoRepairOption.Size];
        _ = new TcpAoRepairOption(bytes) { SendIsn = sendIsn, ReceiveIsn = receiveIsn, SendSne = sendSne, ReceiveSne = receiveSne };
        return Set(TcpSocketOption.AoRepair, bytes, length);
    }

    /// <summary>A set call; bytes beyond the structure are zero.</summary>
    public LinuxErrno Set(TcpSocketOption option, byte[] bytes, int length) =>
        Socket.SetOption(option, bytes.Concat(new byte[Math.Max(0, length - bytes.Length)]).Take(Math.Max(0, length)).ToArray(), length, Facts).Errno;

    public UapiAnswer Get(TcpSocketOption option, byte[] value, int? length = null) => Socket.GetOption(option, value, length ?? value.Length, Facts);

    public LinuxErrno GetInfo(InfoEdit? edit = null, int? length = null) => Get(TcpSocketOption.AoInfo, InfoBytes(edit), length).Errno;

    public LinuxErrno GetRepair(int? length = TcpAoRepairOption.Size) => Socket.GetOption(TcpSocketOption.AoRepair, new byte[16], length, Facts).Errno;

    public LinuxErrno GetKeys(FilterEdit? edit = null, int? length = null) => Get(TcpSocketOption.AoGetKeys, FilterBytes(edit), length).Errno;

    /// <summary>What TCP_AO_INFO says: SendID of current_key and RecvID of rnext_key, null where there is none.</summary>
    public (int? Current, int? RNext) InUse()
    {
        byte[] bytes = Get(TcpSocketOption.AoInfo, InfoBytes(null)).Writes.Single().Bytes;
        var info = new TcpAoInfoOption(bytes);
        return (info.SetCurrent ? info.CurrentKey : null, info.SetRNext ? info.RNext : null);
    }

    /// <summary>The SendIDs of all keys, in the order in which Linux gives them.</summary>
    public int[] Order() => [.. Records(filter => filter.GetAll = true).Select(record => (int)new TcpAoGetSockOpt(record).SendId)];

    /// <summary>The records that a filter gives, with room for all.</summary>
    public byte[][] Records(FilterEdit filter)
    {
        UapiAnswer answer = Get(TcpSocketOption.AoGetKeys, FilterBytes(f =>
        {
            f.KeyCount = 10_000;
            filter(f);
        }));
        return [.. answer.Writes.SkipLast(1).Select(write => write.Bytes)];
    }

    public static uint CountOf(in UapiAnswer answer) => BinaryPrimitives.ReadUInt32LittleEndian(answer.Writes[^1].Bytes);

    public static byte[] FilterBytes(FilterEdit? edit)
    {
        byte[] bytes = new byte[TcpAoGetSockOpt.Size];
        edit?.Invoke(new TcpAoGetSockOpt(bytes));
        return bytes;
    }

    public SocketFacts To(string peer) => Facts with { HasPeer = true, Pair = Pair(peer) };

    public static SockAddr Address(string text)
    {
        var address = IPAddress.Parse(text);
        var bits = IpAddressBits.From(address);
        return new SockAddr(address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? SocketFamily.Inet : SocketFamily.Inet6, bits, 0);
    }

    public static SocketPair Pair(string peer)
    {
        IpAddressBits remote = Address(peer).Address;
        return new SocketPair(Address(remote.IsIPv4 ? "192.0.2.99" : "2001:db8::99").Address, remote, 40000, 179);
    }

    bool IL3Devices.IsL3Master(int index) => index == Vrf;

    int IL3Devices.MasterOf(int index) => index is Vrf or InVrf ? Vrf : 0;

    private static byte[] InfoBytes(InfoEdit? edit)
    {
        byte[] bytes = new byte[TcpAoInfoOption.Size];
        edit?.Invoke(new TcpAoInfoOption(bytes));
        return bytes;
    }
}
