// TCP_AO_ADD_KEY, TCP_AO_DEL_KEY, TCP_AO_INFO and TCP_AO_REPAIR (linux-uapi 4.2 to 4.5), between types of .NET and bytes.

using System.Security.Cryptography;
using TcpAo.Keys;
using TcpAo.Linux.Interop;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>The options of TCP-AO on a socket. What is secret is erased as soon as the kernel has it.</summary>
internal static partial class AoOptions
{
    private const string Names = "hmac-sha-1-96, aes-128-cmac-96 and hmac-sha-256";

    public static void AddKey(OptionSocket socket, TcpAoKey key)
    {
        if (key.Algorithm.IsTcpMd5)
        {
            throw new TcpAoException(TcpAoError.AlgorithmNotSupported, "tcp-md5 is no algorithm of TCP-AO: use AddTcpMd5Key.");
        }

        if (key.Algorithm.LinuxName is not { } name)
        {
            throw new TcpAoException(TcpAoError.AlgorithmNotSupported, $"Linux does not have {key.Algorithm.Name} on a socket: it has {Names}. A policy of 'tcpao run' has all of them.");
        }

        OptionPeer peer = OptionPeer.On(socket, key.Peer);
        bool hasPorts = !key.LocalPorts.IsAny || !key.RemotePorts.IsAny;
        Span<byte> value = stackalloc byte[TcpAoExtension.TotalLength];
        value.Clear();
        var add = new TcpAoAdd(value)
        {
            Address = peer.Address,
            PrefixLength = peer.PrefixLength,
            AlgorithmName = name,
            SendId = key.SendId,
            ReceiveId = key.RecvId,
            MacLength = (byte)(key.MacLength ?? key.Algorithm.DefaultMacLength),
            KeyFlags = FlagsOf(key.InterfaceIndex) | (key.IncludeTcpOptions ? AoKeyFlags.None : AoKeyFlags.ExcludeOptions),
            InterfaceIndex = key.InterfaceIndex ?? 0,
            SetCurrent = key.IsCurrent,
            SetRNext = key.IsRNext,
            KeyLength = (byte)key.MasterKey.Length,
        };
        int errno;
        try
        {
            key.MasterKey.Bytes.CopyTo(add.Key);
            errno = socket.Set(TcpSocketOption.AoAddKey, WithPorts(value, TcpAoAdd.Size, key.LocalPorts, key.RemotePorts));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(value);
        }

        Check(errno, hasPorts, () => OptionErrors.AddKey(errno, key, socket.State));
    }

    public static void RemoveKey(OptionSocket socket, TcpAoKeyRemoval removal)
    {
        OptionPeer peer = OptionPeer.On(socket, removal.Peer);
        Span<byte> value = stackalloc byte[TcpAoExtension.TotalLength];
        value.Clear();
        _ = new TcpAoDel(value)
        {
            Address = peer.Address,
            PrefixLength = peer.PrefixLength,
            SendId = removal.SendId,
            ReceiveId = removal.RecvId,
            KeyFlags = FlagsOf(removal.InterfaceIndex),
            InterfaceIndex = removal.InterfaceIndex ?? 0,
            SetCurrent = removal.CurrentSendId is not null,
            CurrentKey = removal.CurrentSendId ?? 0,
            SetRNext = removal.RNextRecvId is not null,
            RNext = removal.RNextRecvId ?? 0,
            Async = removal.WithoutWaiting,
        };
        int errno = socket.Set(TcpSocketOption.AoDelKey, WithPorts(value, TcpAoDel.Size, removal.LocalPorts, removal.RemotePorts));
        Check(errno, !removal.LocalPorts.IsAny || !removal.RemotePorts.IsAny, () => OptionErrors.RemoveKey(errno, removal));
    }

    /// <summary>TCP-AO of the socket; null where it has none.</summary>
    public static TcpAoInfo? FindInfo(OptionSocket socket)
    {
        Span<byte> value = stackalloc byte[TcpAoInfoOption.Size];
        value.Clear();
        int errno = socket.Get(TcpSocketOption.AoInfo, value, value.Length);
        return errno switch
        {
            0 => Read(new TcpAoInfoOption(value)),
            Errno.ENOENT => null,
            _ => throw OptionErrors.Get(errno),
        };
    }

    public static void SetInfo(OptionSocket socket, TcpAoInfoChange change)
    {
        // the kernel takes both rules from every call
        TcpAoInfo? before = change.AoRequired is null || change.AcceptIcmps is null ? FindInfo(socket) : null;
        TcpAoCounters counters = change.Counters ?? default;
        Span<byte> value = stackalloc byte[TcpAoInfoOption.Size];
        value.Clear();
        _ = new TcpAoInfoOption(value)
        {
            SetCurrent = change.CurrentSendId is not null,
            CurrentKey = change.CurrentSendId ?? 0,
            SetRNext = change.RNextRecvId is not null,
            RNext = change.RNextRecvId ?? 0,
            AoRequired = change.AoRequired ?? before?.AoRequired ?? false,
            AcceptIcmps = change.AcceptIcmps ?? before?.AcceptIcmps ?? false,
            SetCounters = change.Counters is not null,
            Good = counters.Good,
            Bad = counters.Bad,
            KeyNotFound = counters.KeyNotFound,
            Required = counters.Required,
            DroppedIcmps = counters.DroppedIcmps,
        };
        int errno = socket.Set(TcpSocketOption.AoInfo, value);
        if (errno != 0)
        {
            throw OptionErrors.SetInfo(errno);
        }
    }

    /// <summary>R-058.</summary>
    public static TcpAoReceivedIds? GetReceivedIds(OptionSocket socket)
    {
        Span<byte> value = stackalloc byte[TcpAoExtension.TotalLength];
        value.Clear();
        TcpAoExtension extension = TcpAoExtension.Create(value);
        int errno = socket.Get(TcpSocketOption.AoInfo, value, value.Length);
        if (errno == Errno.E2BIG)
        {
            throw OptionErrors.Extension("the ids of the last segment", errno);
        }

        return errno != 0 ? throw OptionErrors.Get(errno)
            : extension.HasLastIds ? new TcpAoReceivedIds(extension.LastKeyId, extension.LastRNextKeyId)
            : null;
    }

    public static TcpAoRepairState GetRepair(OptionSocket socket)
    {
        Span<byte> value = stackalloc byte[TcpAoRepairOption.Size];
        value.Clear();
        int errno = socket.Get(TcpSocketOption.AoRepair, value, value.Length);
        var repair = new TcpAoRepairOption(value);
        return errno == 0
            ? new TcpAoRepairState(repair.SendIsn, repair.ReceiveIsn, repair.SendSne, repair.ReceiveSne)
            : throw OptionErrors.Repair(errno);
    }

    public static void SetRepair(OptionSocket socket, TcpAoRepairState state)
    {
        Span<byte> value = stackalloc byte[TcpAoRepairOption.Size];
        _ = new TcpAoRepairOption(value) { SendIsn = state.SendIsn, ReceiveIsn = state.ReceiveIsn, SendSne = state.SendSne, ReceiveSne = state.ReceiveSne };
        int errno = socket.Set(TcpSocketOption.AoRepair, value);
        if (errno != 0)
        {
            throw OptionErrors.Repair(errno);
        }
    }

    private static TcpAoInfo Read(TcpAoInfoOption info) => new(
        info.SetCurrent ? info.CurrentKey : null,
        info.SetRNext ? info.RNext : null,
        info.AoRequired,
        info.AcceptIcmps,
        new TcpAoCounters(info.Good, info.Bad, info.KeyNotFound, info.Required, info.DroppedIcmps));

    private static AoKeyFlags FlagsOf(int? interfaceIndex) => interfaceIndex is null ? AoKeyFlags.None : AoKeyFlags.InterfaceIndex;

    private static ReadOnlySpan<byte> WithPorts(Span<byte> value, int size, PortMatch local, PortMatch remote)
    {
        if (local.IsAny && remote.IsAny)
        {
            return value[..size];
        }

        TcpAoExtension extension = TcpAoExtension.Create(value);
        (extension.LocalPorts, extension.RemotePorts) = (local, remote);
        return value;
    }

    private static void Check(int errno, bool isExtended, Func<TcpAoException> error)
    {
        if (errno != 0)
        {
            throw errno == Errno.E2BIG && isExtended ? OptionErrors.Extension("ports of a key", errno) : error();
        }
    }
}
