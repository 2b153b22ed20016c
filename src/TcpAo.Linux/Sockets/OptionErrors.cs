using TcpAo.Linux.Interop;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>What the kernel's errors mean and what to do about them (docs/reference/socket-options.md). Nothing in here knows a secret.</summary>
internal static class OptionErrors
{
    public const string NoTcpAo = "The kernel has no TCP-AO (CONFIG_TCP_AO): run the program under 'tcpao exec --', or have a running 'tcpao run' answer (TcpAoDaemon.Join).";
    public const string NoExtension = "Linux has no such thing: only a program that 'tcpao exec' runs has";

    private const string NoTcpMd5 = "The kernel has no TCP MD5 (CONFIG_TCP_MD5SIG).";
    private const string Began = "The connection began without TCP-AO, and stays so: set keys before connect or listen.";

    public static TcpAoException AddKey(int errno, TcpAoKey key, TcpState state) => errno switch
    {
        Errno.EINVAL => Make(TcpAoError.InvalidValue, errno, $"The kernel refuses the {key}: {Guess(key, state)}."),
        Errno.EKEYREJECTED => Make(
            TcpAoError.KeyRejected,
            errno,
            $"No {key}: the peer has a TCP MD5 key on this socket, or a policy of 'tcpao run' owns it. A peer has keys of one kind: take the other one away."),
        Errno.EEXIST => Make(
            TcpAoError.IdInUse,
            errno,
            $"No {key}: the socket has another key with SendID {key.SendId} or RecvID {key.RecvId} for some of these peers. Take that one off, or choose other ids."),
        Errno.ENOENT => Make(TcpAoError.AlgorithmNotSupported, errno, $"No {key}: the kernel does not have the algorithm."),
        Errno.EMSGSIZE => Make(TcpAoError.MacTooLong, errno, $"No {key}: a MAC of {key.MacLength} bytes does not fit beside the other options of a SYN. The most are 16."),
        Errno.EUSERS => Make(TcpAoError.OutOfMemory, errno, $"No {key}: the kernel has too many sockets with TCP-AO."),
        _ => Common(errno, $"No {key}."),
    };

    public static TcpAoException RemoveKey(int errno, TcpAoKeyRemoval removal) => errno switch
    {
        Errno.EINVAL => Make(
            TcpAoError.InvalidValue,
            errno,
            $"The kernel refuses to take {Name(removal)} off: on a listener no key takes its place, and elsewhere it is not done without waiting."),
        Errno.ENOENT => Make(
            TcpAoError.NoSuchKey,
            errno,
            $"The socket has no {Name(removal)} with just this prefix and VRF, or not the key named to take its place."),
        Errno.EBUSY => Make(
            TcpAoError.KeyInUse,
            errno,
            $"The socket uses {Name(removal)}: name the keys that take its place (CurrentSendId, RNextRecvId), or wait until the peer has asked for another one."),
        _ => Common(errno, $"{Name(removal)} is still there."),
    };

    public static TcpAoException SetInfo(int errno) => errno switch
    {
        Errno.EINVAL => Make(TcpAoError.InvalidValue, errno, "The kernel refuses: a listener has neither a current nor an rnext key."),
        Errno.ENOENT => Make(TcpAoError.NoSuchKey, errno, "The socket has no key with that SendID (current) or RecvID (rnext): add it first."),
        Errno.EKEYREJECTED => Make(TcpAoError.KeyRejected, errno, "TCP-AO cannot be required of every peer of a socket that has a TCP MD5 key: take that key off."),
        _ => Common(errno, "TCP-AO of the socket was not changed."),
    };

    public static TcpAoException Get(int errno) => errno switch
    {
        Errno.ENOENT => Make(TcpAoError.NoSuchKey, errno, "The socket has no TCP-AO: no key was ever set, or the connection came unsigned."),
        _ => Common(errno, "TCP-AO of the socket cannot be read."),
    };

    public static TcpAoException Repair(int errno) => errno switch
    {
        Errno.EPERM => Make(TcpAoError.NotPermitted, errno, "ISNs and SNEs are for sockets in repair mode (TCP_REPAIR), which needs CAP_NET_ADMIN; a listener has none."),
        _ => Get(errno),
    };

    public static TcpAoException SetMd5(int errno, string key) => errno switch
    {
        Errno.ENOPROTOOPT => Make(TcpAoError.NotSupported, errno, NoTcpMd5),
        Errno.EKEYREJECTED => Make(
            TcpAoError.KeyRejected,
            errno,
            $"No {key}: the peer has a TCP-AO key on this socket, TCP-AO is required, or a policy of 'tcpao run' owns the peer. A peer has keys of one kind: take the other one away."),
        Errno.ENOENT => Make(TcpAoError.NoSuchKey, errno, $"The socket has no {key} with just this prefix and VRF."),
        Errno.EINVAL => Make(TcpAoError.InvalidValue, errno, $"The kernel refuses the {key}: the interface is no VRF's device, or the socket has another family."),
        _ => Common(errno, $"No {key}."),
    };

    public static TcpAoException Extension(string what, int errno) => Make(TcpAoError.ExtensionNotSupported, errno, $"{NoExtension} {what}.");

    private static TcpAoException Common(int errno, string what) => errno switch
    {
        Errno.ENOPROTOOPT => Make(TcpAoError.NotSupported, errno, NoTcpAo),
        Errno.ENOSYS => Make(TcpAoError.NotSupported, errno, $"{what} The tcpao that answered for the sockets of this process is gone: start the program anew."),
        Errno.EISCONN => Make(TcpAoError.ConnectedWithout, errno, Began),
        Errno.ENOMEM => Make(TcpAoError.OutOfMemory, errno, $"{what} The socket's memory for options is used up: raise net.core.optmem_max, or use keys for prefixes."),
        Errno.EPERM or Errno.EACCES => Make(TcpAoError.NotPermitted, errno, $"{what} A privilege is missing."),
        Errno.ENOKEY => Make(TcpAoError.NoValidKey, errno, $"{what} No key may sign now."),
        Errno.EAFNOSUPPORT => Make(TcpAoError.WrongPeer, errno, $"{what} TCP-AO is for IPv4 and IPv6."),
        _ => Make(TcpAoError.Other, errno, what),
    };

    /// <summary>EINVAL has many reasons: the one that the key suggests.</summary>
    private static string Guess(TcpAoKey key, TcpState state) => (state, key) switch
    {
        (TcpState.Listen, { IsCurrent: true } or { IsRNext: true }) => "a listener has neither a current nor an rnext key",
        (_, { InterfaceIndex: { } index and not 0 }) => $"interface {index} is no VRF's device, or not the one that the socket is bound to",
        (not (TcpState.Closed or TcpState.Listen), _) => "the connection has another peer",
        _ => "the socket was to connect to another peer before, or a value is none that it knows",
    };

    private static string Name(TcpAoKeyRemoval removal) => $"key {removal.SendId}/{removal.RecvId} for {removal.Peer}";

    private static TcpAoException Make(TcpAoError error, int errno, string message) => new(error, errno, message);
}
