using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Support;
using TcpAo.Uapi;
using Xunit;
using static TcpAo.Uapi.TcpState;

namespace TcpAo.Tests.Uapi;

/// <summary>
/// What a socket answers in which situation, one row each: errno by errno as Linux does (linux-uapi 3 and 4). "uapi" in a row is a section of that list, an R-number a requirement.
/// </summary>
public sealed partial class SocketErrnoTests
{
    private const LinuxErrno OK = LinuxErrno.None;
    private const LinuxErrno EPERM = LinuxErrno.OperationNotPermitted;
    private const LinuxErrno ENOENT = LinuxErrno.NoEntry;
    private const LinuxErrno E2BIG = LinuxErrno.ArgumentTooBig;
    private const LinuxErrno ENOMEM = LinuxErrno.OutOfMemory;
    private const LinuxErrno EFAULT = LinuxErrno.BadAddress;
    private const LinuxErrno EBUSY = LinuxErrno.Busy;
    private const LinuxErrno EEXIST = LinuxErrno.AlreadyExists;
    private const LinuxErrno EINVAL = LinuxErrno.InvalidArgument;
    private const LinuxErrno EMSGSIZE = LinuxErrno.MessageSize;
    private const LinuxErrno ENOPROTOOPT = LinuxErrno.NoSuchOption;
    private const LinuxErrno EAFNOSUPPORT = LinuxErrno.AddressFamilyNotSupported;
    private const LinuxErrno EISCONN = LinuxErrno.IsConnected;
    private const LinuxErrno EKEYREJECTED = LinuxErrno.KeyRejected;

    private static readonly Situation[] s_addKey =
    [
        new("uapi 4.2", "a key for one host", OK, () => New().Add()),
        new("uapi 4.2", "a key for every peer", OK, () => New().Add("0.0.0.0", 0)),
        new("uapi 4.2", "a key for a prefix", OK, () => New().Add("192.0.2.0", 24)),
        new("uapi 4.2", "on a listener", OK, () => New().Listen().Add()),
        new("uapi 4.1", "on a connection that began without TCP-AO, R-075", EISCONN, () => New().Established().Add()),
        new("uapi 4.1", "on one in SYN-SENT that began without", EISCONN, () => New().In(SynSent).Add()),
        new("uapi 4.1", "EISCONN comes before the length", EISCONN, () => New().Established().Add(length: 100)),
        new("uapi 4.1", "on one in repair mode", OK, () => New().Established().Repair().Add()),
        new("uapi 4.1", "on one with TCP-AO", OK, () => WithKey().Established().Add(send: 9, recv: 9)),
        new("uapi 3", "no number in the value", EINVAL, () => New().Add(length: 3)),
        new("uapi 3", "one byte short", EINVAL, () => New().Add(length: 287)),
        new("uapi 3", "longer, and zero behind", OK, () => New().Add(length: 300)),
        new("uapi 3", "longer, and not zero behind", E2BIG, () => New().Set(TcpSocketOption.AoAddKey, [.. New().AddBytes(), 0, 1], 290)),
        new("uapi 3", "a null pointer", EFAULT, () => Unreadable(TcpSocketOption.AoAddKey, 0, 288)),
        new("uapi 3", "a value that ends in memory that is not there", EFAULT, () => Unreadable(TcpSocketOption.AoAddKey, 287, 288)),
        new("uapi 4.2", "keylen 80", OK, () => New().Add(edit: add => add.KeyLength = 80)),
        new("uapi 4.2", "keylen 81", EINVAL, () => New().Add(edit: add => add.KeyLength = 81)),
        new("uapi 2", "keylen 0 with HMAC, R-112", OK, () => New().Add(edit: add => add.KeyLength = 0)),
        new("uapi 4.2", "a reserved bit", EINVAL, () => New().Add(edit: add => UapiBits.Set32(add.BitFields, 5, true))),
        new("uapi 4.2", "another family", EINVAL, () => New().Add("2001:db8::1")),
        new("uapi 4.2", "an IPv4 address on an IPv6 socket", EINVAL, () => New6().Add("192.0.2.1")),
        new("uapi 4.1", "an IPv4-mapped address on an IPv6 socket", OK, () => New6().Add("::ffff:192.0.2.1")),
        new("uapi 4.1", "an IPv4-mapped address with a prefix of 33", EINVAL, () => New6().Add("::ffff:192.0.2.1", 33)),
        new("uapi 4.1", "an IPv4-mapped address with bits behind the prefix", EINVAL, () => New6().Add("::ffff:192.0.2.1", 24)),
        new("uapi 4.1", "an IPv4-mapped any with a prefix", EINVAL, () => New6().Add("::ffff:0.0.0.0", 8)),
        new("uapi 4.1", "an IPv4-mapped any without a prefix", EINVAL, () => New6().Add("::ffff:0.0.0.0", 0)),
        new("uapi 4.2", "a port", EINVAL, () => New().Add(edit: add => add.Address = add.Address with { Port = 179 })),
        new("uapi 4.2", "an address and prefix 0", EINVAL, () => New().Add(prefix: 0)),
        new("uapi 4.2", "any and a prefix", EINVAL, () => New().Add("0.0.0.0", 8)),
        new("uapi 4.2", "IPv4 and a prefix of 33", EINVAL, () => New().Add(prefix: 33)),
        new("uapi 4.2", "IPv6 and a prefix of 129", EINVAL, () => New6().Add("2001:db8::1", 129)),
        new("uapi 4.2", "IPv6 any and a prefix", EINVAL, () => New6().Add("::", 64)),
        new("uapi 4.2", "bits behind the prefix", EINVAL, () => New().Add("192.0.2.1", 24)),
        new("uapi 4.2", "IPv6 bits behind the prefix", EINVAL, () => New6().Add("2001:db8::1", 64)),
        new("uapi 4.2", "another peer's address on a connection", EINVAL, () => WithKey().Established().Add("192.0.2.7", send: 9, recv: 9)),
        new("Linux 7.2", "another peer after a connect that was refused", EINVAL, () => RefusedConnect().Add("192.0.2.9")),
        new("Linux 7.2", "the peer after a connect to it that was refused", OK, () => RefusedConnect().Add()),
        new("uapi 4.2", "the peer's prefix on a connection", OK, () => WithKey().Established().Add("192.0.2.0", 24, 9, 9)),
        new("uapi 4.2", "every peer on a connection", OK, () => WithKey().Established().Add("0.0.0.0", 0, 9, 9)),
        new("uapi 4.2", "flags that Linux does not know", EINVAL, () => New().Add(edit: add => add.KeyFlags = (AoKeyFlags)4)),
        new("uapi 4.2", "options left out of the MAC, R-012", OK, () => New().Add(edit: add => add.KeyFlags = AoKeyFlags.ExcludeOptions)),
        new("uapi 4.2", "set_current on a listener", EINVAL, () => New().Listen().Add(edit: add => add.SetCurrent = true)),
        new("uapi 4.2", "set_rnext on a listener", EINVAL, () => New().Listen().Add(edit: add => add.SetRNext = true)),
        new("uapi 4.2", "set_current and set_rnext, R-057", OK, () => New().Add(edit: add => add.SetCurrent = add.SetRNext = true)),
        new("uapi 4.2", "an ifindex without its flag", EINVAL, () => New().WithVrf().Add(edit: add => add.InterfaceIndex = SocketRig.Vrf)),
        new("uapi 4.2", "the flag for no VRF", OK, () => New().Add(edit: add => add.KeyFlags = AoKeyFlags.InterfaceIndex)),
        new("uapi 4.2", "a VRF", OK, () => New().WithVrf().Add(edit: InVrf)),
        new("uapi 4.2", "a device that is no VRF", EINVAL, () => New().WithVrf().Add(edit: add => (add.InterfaceIndex, add.KeyFlags) = (SocketRig.InVrf, AoKeyFlags.InterfaceIndex))),
        new("uapi 4.2", "a VRF where there are none", EINVAL, () => New().Add(edit: InVrf)),
        new("uapi 4.2", "a VRF on a connection that is not bound to it", EINVAL, () => WithKey().WithVrf().Established().Add(send: 9, recv: 9, edit: InVrf)),
        new("R-099", "TCP MD5 for the peer", EKEYREJECTED, () => New().After(r => r.Md5()).Add()),
        new("R-099", "TCP MD5 for another peer", OK, () => New().After(r => r.Md5("192.0.2.7")).Add()),
        new("R-099", "TCP MD5 for a prefix with the peer", EKEYREJECTED, () => New().After(r => r.Md5("192.0.2.0", option: TcpSocketOption.Md5SigExt, edit: WithPrefix24)).Add()),
        new("R-099", "TCP MD5 for the peer, taken out again", OK, () => New().After(r => r.Md5()).After(r => r.Md5(key: "")).Add()),
        new("R-099", "TCP MD5 in a VRF, a key for none", OK, () => New().WithVrf().After(Md5InVrf).Add(edit: add => add.KeyFlags = AoKeyFlags.InterfaceIndex)),
        new("R-099", "TCP MD5 in a VRF, a key for that one", EKEYREJECTED, () => New().WithVrf().After(Md5InVrf).Add(edit: InVrf)),
        new("R-099", "TCP MD5 in a VRF, a key for every one", EKEYREJECTED, () => New().WithVrf().After(Md5InVrf).Add()),
        new("R-018", "the same key again", EEXIST, () => WithKey().Add()),
        new("R-018", "the same SendID", EEXIST, () => WithKey().Add(recv: 9)),
        new("R-018", "the same RecvID", EEXIST, () => WithKey().Add(send: 9)),
        new("R-018", "a wider prefix with the same ids", EEXIST, () => WithKey().Add("192.0.2.0", 24)),
        new("R-018", "every peer with the same ids", EEXIST, () => WithKey().Add("0.0.0.0", 0)),
        new("R-018", "a host of a prefix with the same ids", EEXIST, () => New().After(r => r.Add("192.0.2.0", 24)).Add()),
        new("R-018", "a host where every peer has the ids", EEXIST, () => New().After(r => r.Add("0.0.0.0", 0)).Add()),
        new("R-018", "another host with the same ids", OK, () => WithKey().Add("192.0.2.7")),
        new("R-018", "IPv4-mapped and IPv6 any: no connection of both", OK, () => New6().After(r => r.Add("::", 0)).Add("::ffff:192.0.2.1")),
        new("R-018", "another VRF with the same ids", OK, () => New().WithVrf().After(r => r.Add(edit: InVrf)).Add(edit: add => add.KeyFlags = AoKeyFlags.InterfaceIndex)),
        new("uapi 2", "hmac(sha256)", OK, () => Algorithm("hmac(sha256)")),
        new("uapi 2", "cmac(aes128), R-108", OK, () => Algorithm("cmac(aes128)")),
        new("uapi 2", "cmac(aes) with 16 bytes", OK, () => Algorithm("cmac(aes)", 16)),
        new("uapi 2", "cmac(aes) with 15 bytes", ENOENT, () => Algorithm("cmac(aes)", 15)),
        new("uapi 2", "a name of RFC 5926", ENOENT, () => Algorithm("HMAC-SHA-1-96")),
        new("uapi 2", "another spelling", ENOENT, () => Algorithm("HMAC(SHA1)")),
        new("uapi 2", "no name", ENOENT, () => Algorithm("")),
        new("uapi 2", "an algorithm that 7.2 has no more", ENOENT, () => Algorithm("hmac(sha512)")),
        new("uapi 2", "a MAC of 1 byte", OK, () => New().Add(edit: add => add.MacLength = 1)),
        new("uapi 2", "a MAC of 16 bytes, R-082", OK, () => New().Add(edit: add => add.MacLength = 16)),
        new("uapi 2", "a MAC of 17 bytes, R-082", EMSGSIZE, () => New().Add(edit: add => add.MacLength = 17)),
        new("uapi 4.2", "no memory for options left", ENOMEM, () => Small(200).Add()),
        new("uapi 4.2", "just enough memory for options", OK, () => Small(201).Add()),
        new("design 4", "a peer of the policy", EKEYREJECTED, () => UnderPolicy().Add()),
        new("design 4", "another peer than the policy's", OK, () => UnderPolicy().Add("198.51.100.1")),
        new("design 4", "more peers than the policy's", OK, () => UnderPolicy().Add("192.0.0.0", 16)),
        new("design 4", "every peer", OK, () => UnderPolicy().Add("0.0.0.0", 0)),
        new("design 4", "a peer of the policy, but another port", OK, () => UnderPolicy(localPort: 8080).Add()),
        new("order", "keylen before the address", EINVAL, () => New().Add("2001:db8::1", edit: add => add.KeyLength = 99)),
        new("order", "overlap before the algorithm", EEXIST, () => WithKey().Add(edit: add => add.AlgorithmName = "none")),
        new("order", "TCP MD5 before overlap", EKEYREJECTED, () => New().After(r => r.Md5()).After(r => r.Add("0.0.0.0", 0)).Add()),
        new("order", "the algorithm before the MAC length", ENOENT, () => New().Add(edit: add => (add.AlgorithmName, add.MacLength) = ("none", 20))),
    ];

    private static readonly Situation[] s_delKey =
    [
        new("uapi 4.3", "the only key of a closed socket", OK, () => WithKey().Del()),
        new("uapi 4.3", "on a listener", OK, () => WithKey().Listen().Del()),
        new("uapi 4.3", "on a socket without TCP-AO", ENOENT, () => New().Del()),
        new("uapi 4.1", "on a connection without TCP-AO", EISCONN, () => New().Established().Del()),
        new("uapi 3", "one byte short", EINVAL, () => WithKey().Del(length: 143)),
        new("uapi 3", "longer, and zero behind", OK, () => WithKey().Del(length: 150)),
        new("uapi 4.3", "another SendID", ENOENT, () => WithKey().Del(send: 9)),
        new("uapi 4.3", "another RecvID", ENOENT, () => WithKey().Del(recv: 9)),
        new("uapi 4.3", "another address", ENOENT, () => WithKey().Del("192.0.2.7")),
        new("uapi 4.3", "a wider prefix", ENOENT, () => WithKey().Del("192.0.2.0", 24)),
        new("uapi 4.3", "a port", EINVAL, () => WithKey().Del(edit: del => del.Address = del.Address with { Port = 1 })),
        new("uapi 4.3", "the flag that the key has not", ENOENT, () => WithKey().Del(edit: del => del.KeyFlags = AoKeyFlags.InterfaceIndex)),
        new("uapi 4.3", "an ifindex without its flag", EINVAL, () => WithKey().Del(edit: del => del.InterfaceIndex = 1)),
        new("uapi 4.3", "options flag", EINVAL, () => WithKey().Del(edit: del => del.KeyFlags = AoKeyFlags.ExcludeOptions)),
        new("uapi 4.3", "a key in a VRF", OK, () => New().WithVrf().After(r => r.Add(edit: InVrf)).Del(edit: del => (del.InterfaceIndex, del.KeyFlags) = (SocketRig.Vrf, AoKeyFlags.InterfaceIndex))),
        new("uapi 4.3", "set_current on a listener", EINVAL, () => WithKey().Listen().Del(edit: del => del.SetCurrent = true)),
        new("uapi 4.3", "without waiting, off a listener", EINVAL, () => WithKey().Del(edit: del => del.Async = true)),
        new("uapi 4.3", "without waiting, on a listener", OK, () => WithKey().Listen().Del(edit: del => del.Async = true)),
        new("uapi 4.3", "without waiting, a listener's current_key from before", OK, () => WithChosenKey().Listen().Del(edit: del => del.Async = true)),
        new("uapi 4.3", "a listener's current_key from before", EBUSY, () => WithChosenKey().Listen().Del()),
        new("R-019", "current_key", EBUSY, () => WithChosenKey().Del()),
        new("R-019", "current_key, and another named", OK, () => WithChosenKey().After(Second).Del(edit: Replace)),
        new("R-019", "current_key alone named anew", EBUSY, () => WithChosenKey().After(Second).Del(edit: del => (del.SetCurrent, del.CurrentKey) = (true, 3))),
        new("uapi 4.3", "a current_key that is not there", ENOENT, () => WithKey().Del(edit: del => (del.SetCurrent, del.CurrentKey) = (true, 77))),
        new("uapi 4.3", "a rnext_key that is not there", ENOENT, () => WithKey().Del(edit: del => (del.SetRNext, del.RNext) = (true, 77))),
        new("uapi 4.3", "the key named in its own place", ENOENT, () => WithKey().Del(edit: del => (del.SetCurrent, del.CurrentKey) = (true, 1))),
        new("uapi 4.3", "the last key of a connection", EBUSY, () => Connected().Del()),
        new("uapi 4.3", "a key of a connection that it does not use", OK, () => Connected().After(Second).Del(send: 3, recv: 4)),
        new("uapi 4.1", "an IPv4-mapped address", OK, () => New6().After(r => r.Add("::ffff:192.0.2.1")).Del("::ffff:192.0.2.1")),
    ];

    private static readonly Situation[] s_info =
    [
        new("uapi 4.4", "set without keys", OK, () => New().Info()),
        new("uapi 4.4", "set on a listener", OK, () => New().Listen().Info(info => info.AoRequired = true)),
        new("uapi 4.1", "set on a connection without TCP-AO", EISCONN, () => New().Established().Info()),
        new("uapi 4.4", "set first in repair mode", EINVAL, () => New().Established().Repair().Info()),
        new("uapi 3", "set one byte short", EINVAL, () => New().Info(length: 47)),
        new("uapi 3", "set with zero behind", OK, () => New().Info(length: 64)),
        new("uapi 4.4", "set current_key on a listener", EINVAL, () => WithKey().Listen().Info(info => info.SetCurrent = true)),
        new("uapi 4.4", "set current_key, R-057", OK, () => WithKey().Info(info => (info.SetCurrent, info.CurrentKey) = (true, 1))),
        new("uapi 4.4", "set rnext_key, R-057", OK, () => WithKey().Info(info => (info.SetRNext, info.RNext) = (true, 2))),
        new("uapi 4.4", "set a current_key that is a RecvID", ENOENT, () => WithKey().Info(info => (info.SetCurrent, info.CurrentKey) = (true, 2))),
        new("uapi 4.4", "set a rnext_key that is a SendID", ENOENT, () => WithKey().Info(info => (info.SetRNext, info.RNext) = (true, 1))),
        new("uapi 4.4", "set a reserved bit", EINVAL, () => New().Info(info => UapiBits.Set32(info.BitFields, 5, true))),
        new("R-099", "require TCP-AO beside TCP MD5", EKEYREJECTED, () => New().After(r => r.Md5()).Info(info => info.AoRequired = true)),
        new("R-099", "not require it beside TCP MD5", OK, () => New().After(r => r.Md5()).Info()),
        new("uapi 4.4", "get without TCP-AO", ENOENT, () => New().GetInfo()),
        new("uapi 4.4", "get", OK, () => WithKey().GetInfo()),
        new("uapi 4.4", "get with length 0", EINVAL, () => WithKey().GetInfo(length: 0)),
        new("uapi 4.4", "get with length -1", EINVAL, () => WithKey().GetInfo(length: -1)),
        new("uapi 4.4", "get with length 1", OK, () => WithKey().GetInfo(length: 1)),
        new("uapi 4.4", "get with a reserved bit", EINVAL, () => WithKey().GetInfo(info => UapiBits.Set32(info.BitFields, 9, true))),
        new("uapi 4.4", "get: what is reserved comes before whether there is anything", EINVAL, () => New().GetInfo(info => UapiBits.Set32(info.BitFields, 9, true))),
        new("uapi 4.4", "get into a null pointer", EFAULT, () => WithKey().Get(TcpSocketOption.AoInfo, [], 48).Errno),
        new("uapi 4.4", "get without a length", EFAULT, () => WithKey() is var r ? r.Socket.GetOption(TcpSocketOption.AoInfo, new byte[48], null, r.Facts).Errno : OK),
        new("uapi 4.4", "get, longer and not zero behind", E2BIG, () => WithKey().Get(TcpSocketOption.AoInfo, [.. new byte[48], 1], 49).Errno),
    ];

    private static readonly Situation[] s_getKeys =
    [
        new("uapi 4.5", "all, without TCP-AO", ENOENT, () => New().GetKeys(filter => filter.GetAll = true)),
        new("uapi 4.5", "ENOENT comes before the length", ENOENT, () => New().GetKeys(length: 0)),
        new("uapi 4.5", "all", OK, () => WithKey().GetKeys(filter => filter.GetAll = true)),
        new("uapi 4.5", "length 0", EINVAL, () => WithKey().GetKeys(length: 0)),
        new("uapi 4.5", "length -1", EINVAL, () => WithKey().GetKeys(length: -1)),
        new("uapi 4.5", "pkt_good set", EINVAL, () => WithKey().GetKeys(filter => (filter.GetAll, filter.Good) = (true, 1))),
        new("uapi 4.5", "pkt_bad set", EINVAL, () => WithKey().GetKeys(filter => (filter.GetAll, filter.Bad) = (true, 1))),
        new("uapi 4.5", "options flag", EINVAL, () => WithKey().GetKeys(filter => (filter.GetAll, filter.KeyFlags) = (true, AoKeyFlags.ExcludeOptions))),
        new("uapi 4.5", "an ifindex without its flag", EINVAL, () => WithKey().GetKeys(filter => (filter.GetAll, filter.InterfaceIndex) = (true, 1))),
        new("uapi 4.5", "a reserved bit", EINVAL, () => WithKey().GetKeys(filter => UapiBits.Set16(filter.BitFields, 3, true))),
        new("uapi 4.5", "all and current_key", EINVAL, () => WithKey().GetKeys(filter => filter.GetAll = filter.IsCurrent = true)),
        new("uapi 4.5", "current_key and rnext_key", OK, () => WithKey().GetKeys(filter => filter.IsRNext = filter.IsCurrent = true)),
        new("uapi 4.5", "all and an address", EINVAL, () => WithKey().GetKeys(filter => (filter.GetAll, filter.Address) = (true, SocketRig.Address("0.0.0.0")))),
        new("uapi 4.5", "all and a prefix", EINVAL, () => WithKey().GetKeys(filter => (filter.GetAll, filter.PrefixLength) = (true, 1))),
        new("uapi 4.5", "all and a SendID", EINVAL, () => WithKey().GetKeys(filter => (filter.GetAll, filter.SendId) = (true, 1))),
        new("uapi 4.5", "rnext_key and a RecvID", EINVAL, () => WithKey().GetKeys(filter => (filter.IsRNext, filter.ReceiveId) = (true, 1))),
        new("uapi 4.5", "nothing at all", EAFNOSUPPORT, () => WithKey().GetKeys()),
        new("uapi 4.5", "another family", EAFNOSUPPORT, () => WithKey().GetKeys(filter => filter.Address = new SockAddr((SocketFamily)1, default, 0))),
        new("uapi 4.5", "an address and a port", OK, () => WithKey().GetKeys(filter => (filter.Address, filter.PrefixLength) = (SocketRig.Address("192.0.2.1") with { Port = 5 }, 32))),
        new("uapi 4.5", "a prefix of 33", EINVAL, () => WithKey().GetKeys(filter => (filter.Address, filter.PrefixLength) = (SocketRig.Address("192.0.2.1"), 33))),
        new("uapi 4.5", "any and a prefix", EINVAL, () => WithKey().GetKeys(filter => (filter.Address, filter.PrefixLength) = (SocketRig.Address("0.0.0.0"), 1))),
        new("uapi 4.5", "an IPv6 address and prefix 0", EINVAL, () => WithKey().GetKeys(filter => filter.Address = SocketRig.Address("2001:db8::1"))),
        new("uapi 4.5", "set", ENOPROTOOPT, () => WithKey().Set(TcpSocketOption.AoGetKeys, new byte[304], 304)),
        new("uapi 4.5", "ADD_KEY got", ENOPROTOOPT, () => WithKey().Get(TcpSocketOption.AoAddKey, new byte[288]).Errno),
    ];

    private static readonly Situation[] s_repair =
    [
        new("R-090", "set in repair mode", OK, () => WithKey().Repair().SetRepair()),
        new("uapi 4.5", "set out of repair mode", EPERM, () => WithKey().SetRepair()),
        new("uapi 4.5", "set without the right to it", EPERM, () => Unprivileged().Repair().SetRepair()),
        new("uapi 4.5", "set on a listener", EPERM, () => WithKey().Listen().Repair().SetRepair()),
        new("uapi 4.5", "set one byte short", EINVAL, () => WithKey().Repair().SetRepair(length: 15)),
        new("uapi 4.5", "the length comes before the mode", EINVAL, () => WithKey().SetRepair(length: 15)),
        new("uapi 4.5", "the right comes before the length", EPERM, () => Unprivileged().SetRepair(length: 15)),
        new("uapi 4.5", "set without TCP-AO", ENOENT, () => New().Repair().SetRepair()),
        new("R-090", "get in repair mode", OK, () => WithKey().Repair().GetRepair()),
        new("uapi 4.5", "get out of repair mode", EPERM, () => WithKey().GetRepair()),
        new("uapi 4.5", "get on a listener", EPERM, () => WithKey().Listen().Repair().GetRepair()),
        new("uapi 4.5", "get with length 0", EINVAL, () => WithKey().Repair().GetRepair(0)),
        new("uapi 4.5", "get without a length", EFAULT, () => WithKey().Repair().GetRepair(null)),
        new("uapi 4.5", "get without TCP-AO", ENOENT, () => New().Repair().GetRepair()),
    ];

    private static readonly Situation[] s_md5 =
    [
        new("R-097", "a key", OK, () => New().Md5()),
        new("R-099", "a key where the peer has TCP-AO", EKEYREJECTED, () => WithKey().Md5()),
        new("R-099", "a key where every peer has TCP-AO", EKEYREJECTED, () => New().After(r => r.Add("0.0.0.0", 0)).Md5()),
        new("R-099", "a key where another peer has TCP-AO", OK, () => WithKey().Md5("192.0.2.7")),
        new("R-099", "a key where TCP-AO is required", EKEYREJECTED, () => New().After(r => r.Info(info => info.AoRequired = true)).Md5("192.0.2.7")),
        new("R-099", "a key on a connection with TCP-AO", EKEYREJECTED, () => Connected().Md5()),
        new("R-099", "taking out does not mind TCP-AO", ENOENT, () => WithKey().Md5(key: "")),
        new("R-099", "a key for a VRF where TCP-AO is in none", OK, () => New().WithVrf().After(r => r.Add(edit: add => add.KeyFlags = AoKeyFlags.InterfaceIndex)).Md5InVrf()),
        new("RFC 2385", "short", EINVAL, () => New().Md5(length: 215)),
        new("RFC 2385", "another family", EINVAL, () => New().Md5("2001:db8::1")),
        new("RFC 2385", "81 bytes of key", EINVAL, () => New().Md5(edit: sig => sig.KeyLength = 81)),
        new("RFC 2385", "a prefix of 33", EINVAL, () => New().Md5(option: TcpSocketOption.Md5SigExt, edit: sig => (sig.Flags, sig.PrefixLength) = (1, 33))),
        new("RFC 2385", "a device that is no VRF", EINVAL, () => New().Md5(option: TcpSocketOption.Md5SigExt, edit: sig => (sig.Flags, sig.InterfaceIndex) = (2, 5))),
        new("design 4", "a peer of the policy", EKEYREJECTED, () => UnderPolicy().Md5()),
    ];

    private static readonly Situation[] s_connect =
    [
        new("R-068", "without keys", OK, () => Connect(New())),
        new("uapi 4.6", "with a key for the peer", OK, () => Connect(WithKey())),
        new("uapi 4.6", "with keys for others alone", EKEYREJECTED, () => Connect(WithKey(), "192.0.2.7")),
        new("uapi 4.6", "with TCP-AO required and no key", EKEYREJECTED, () => Connect(New().After(r => r.Info(info => info.AoRequired = true)))),
        new("uapi 4.6", "with TCP-AO on the socket and no key", EKEYREJECTED, () => Connect(New().After(r => r.Info()))),
        new("R-099", "with TCP MD5 for the peer alone", OK, () => Connect(New().After(r => r.Add("192.0.2.7")).After(r => r.Md5()))),
        new("R-099", "with both for the peer", EKEYREJECTED, () => Connect(New().After(r => r.Md5()).After(r => r.Add("0.0.0.0", 0)))),
        new("uapi 4.1", "to an IPv4-mapped peer with a key for it", OK, () => Connect(New6().After(r => r.Add("::ffff:192.0.2.1")))),
        new("uapi 4.1", "to an IPv4-mapped peer with a key for all of IPv6", EKEYREJECTED, () => Connect(New6().After(r => r.Add("::", 0)))),
        new("uapi 4.2", "with a key of another VRF", EKEYREJECTED, () => Connect(New().WithVrf().After(r => r.Add(edit: InVrf)))),
        new("uapi 4.2", "from a device of the key's VRF", OK, () => Connect(Bound(New().WithVrf().After(r => r.Add(edit: InVrf))))),
        new("design 4", "to a peer of the policy, with keys for others", OK, () => Connect(UnderPolicy().After(r => r.Add("198.51.100.1")))),
        new("R-024", "to a peer of the policy that has no valid key", LinuxErrno.NoKey, () => Connect(UnderPolicy(isExpired: true))),
        new("exec --keys", "with keys of a file", OK, () => Connect(WithDefaults())),
        new("R-024", "with keys of a file of which none is valid", LinuxErrno.NoKey, () => Connect(WithDefaults(isExpired: true))),
        new("R-024", "with keys of a file of which none is valid, to be held", OK, () => Connect(WithDefaults(isExpired: true, NoKeyAction.Hold))),
        new("exec --keys", "with a key of its own, whatever those of a file are", OK, () => Connect(WithDefaults(isExpired: true).After(r => r.Add()))),
        new("exec --keys", "to a peer that a file says nothing of", OK, () => Connect(WithDefaults(isExpired: true), "198.51.100.7")),
    ];

    public static TheoryData<string> AddKeyRows => Rows(s_addKey);

    public static TheoryData<string> DelKeyRows => Rows(s_delKey);

    public static TheoryData<string> InfoRows => Rows(s_info);

    public static TheoryData<string> GetKeysRows => Rows(s_getKeys);

    public static TheoryData<string> RepairRows => Rows(s_repair);

    public static TheoryData<string> Md5Rows => Rows(s_md5);

    public static TheoryData<string> ConnectRows => Rows(s_connect);

    [Theory]
    [MemberData(nameof(AddKeyRows))]
    [Requirement("R-012", "R-018", "R-054", "R-055", "R-075", "R-082", "R-099", "R-112")]
    public void AddKey(string situation) => Run(s_addKey, situation);

    [Theory]
    [MemberData(nameof(DelKeyRows))]
    [Requirement("R-019", "R-055")]
    public void DelKey(string situation) => Run(s_delKey, situation);

    [Theory]
    [MemberData(nameof(InfoRows))]
    [Requirement("R-057", "R-099")]
    public void Info(string situation) => Run(s_info, situation);

    [Theory]
    [MemberData(nameof(GetKeysRows))]
    [Requirement("R-056")]
    public void GetKeys(string situation) => Run(s_getKeys, situation);

    [Theory]
    [MemberData(nameof(RepairRows))]
    [Requirement("R-090")]
    public void Repair(string situation) => Run(s_repair, situation);

    [Theory]
    [MemberData(nameof(Md5Rows))]
    [Requirement("R-097", "R-099")]
    public void Md5(string situation) => Run(s_md5, situation);

    [Theory]
    [MemberData(nameof(ConnectRows))]
    [Requirement("R-024", "R-068", "R-099")]
    public void ConnectTo(string situation) => Run(s_connect, situation);
}
