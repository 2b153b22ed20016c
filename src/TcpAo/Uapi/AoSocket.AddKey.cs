// linux-uapi 4.2: TCP_AO_ADD_KEY. The order of the checks is Linux'.

using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Uapi;

public sealed partial class AoSocket
{
    private const int DefaultMacLength = 12;
    private const AoKeyFlags AllFlags = AoKeyFlags.InterfaceIndex | AoKeyFlags.ExcludeOptions;

    private UapiAnswer AddKey(ReadOnlySpan<byte> value, int length, KeyPorts ports, in SocketFacts facts)
    {
        if (length < TcpAoAdd.Size)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        Span<byte> bytes = stackalloc byte[TcpAoAdd.Size];
        try
        {
            LinuxErrno errno = UapiCopy.Take(value, length, bytes);
            SocketKey? key = null;
            if (errno == LinuxErrno.None)
            {
                errno = MakeKey(new TcpAoAdd(bytes), ports, facts, out key);
            }

            return errno == LinuxErrno.None ? Link(key!, new TcpAoAdd(bytes), facts) : Fail(errno);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private LinuxErrno MakeKey(TcpAoAdd add, KeyPorts ports, in SocketFacts facts, out SocketKey? key)
    {
        key = null;
        if (add.KeyLength > Secret.MaxLength || add.HasReserved)
        {
            return LinuxErrno.InvalidArgument;
        }

        LinuxErrno errno = CheckAddress(add, facts.Family, facts.HasPeer ? facts.Pair.Remote : _lastPeer, out IpAddressBits address);
        if (errno != LinuxErrno.None)
        {
            return errno;
        }

        if ((add.KeyFlags & ~AllFlags) != AoKeyFlags.None || ((add.SetCurrent || add.SetRNext) && facts.State == TcpState.Listen))
        {
            return LinuxErrno.InvalidArgument;
        }

        errno = CheckInterface(add, facts);
        if (errno != LinuxErrno.None)
        {
            return errno;
        }

        bool isBound = add.KeyFlags.HasFlag(AoKeyFlags.InterfaceIndex);
        int l3Index = isBound ? add.InterfaceIndex : 0;

        // R-099; design: where a policy has keys for a connection, it owns it
        if (FindMd5(address, isBound ? l3Index : -1) is not null || _space.PolicyOwns(PrefixOf(address, add.PrefixLength), facts))
        {
            return LinuxErrno.KeyRejected;
        }

        //
        if (_keys.HasOverlap(address, add.PrefixLength, l3Index, (add.SendId, add.ReceiveId), ports))
        {
            return LinuxErrno.AlreadyExists;
        }

        if (SocketAlgorithm.Find(add.AlgorithmName, add.KeyLength) is not { } algorithm)
        {
            return LinuxErrno.NoEntry;
        }

        // Linux: what is charged must stay below the limit
        if (KeyCharge > _space.OptMemMax || ((_keys.Count + 1L) * KeyCharge) >= _space.OptMemMax)
        {
            return LinuxErrno.OutOfMemory;
        }

        // what a SYN with everything else has room for
        int macLength = add.MacLength == 0 ? DefaultMacLength : add.MacLength;
        if (macLength > algorithm.MaxMacLength)
        {
            return LinuxErrno.MessageSize;
        }

        string name = $"socket/{add.SendId}-{add.ReceiveId}";
        bool includesOptions = !add.KeyFlags.HasFlag(AoKeyFlags.ExcludeOptions);
        var aoKey = AoKey.ForSocket(name, add.SendId, add.ReceiveId, algorithm, SocketAlgorithm.Keep(algorithm, add.Key), macLength, includesOptions);
        key = new SocketKey(address, add.PrefixLength, add.KeyFlags, l3Index, aoKey, ports);
        return LinuxErrno.None;
    }

    private UapiAnswer Link(SocketKey key, TcpAoAdd add, in SocketFacts facts)
    {
        bool isFirst = !HasAo;
        _keys.AddFirst(key);
        HasAo = true;
        if (add.SetCurrent || (isFirst && !facts.IsUnconnected))
        {
            _current = key;
        }

        if (add.SetRNext || (isFirst && !facts.IsUnconnected))
        {
            _rnext = key;
        }

        Lead(facts);
        AddToQueued(key, facts);
        return new UapiAnswer(LinuxErrno.None) { KeysChanged = true };
    }

    private static LinuxErrno CheckAddress(TcpAoAdd add, SocketFamily family, IpAddressBits peer, out IpAddressBits address)
    {
        SockAddr given = add.AddressAs(family);
        address = given.Address;
        if (given.Family != family || given.Port != 0 || !IsPrefix(given, add.PrefixLength))
        {
            return LinuxErrno.InvalidArgument;
        }

        // a connected socket takes only keys for its peer
        if (add.PrefixLength != 0 && !SockAddr.IsAny(peer))
        {
            IpAddressBits mask = IpAddressBits.Mask(address.IsIPv4, add.PrefixLength);
            if (address.IsIPv4 != peer.IsIPv4 || (peer & mask) != address)
            {
                return LinuxErrno.InvalidArgument;
            }
        }

        return LinuxErrno.None;
    }

    /// <summary>
    /// Whether address and length make a prefix: 0 and the family's own "any", or no bits behind it. An IPv4-mapped address counts as IPv4 does.
    /// </summary>
    private static bool IsPrefix(SockAddr given, byte length)
    {
        IpAddressBits address = given.Address;
        if (length == 0)
        {
            return given.Family == SocketFamily.Inet6 ? address == default : SockAddr.IsAny(address);
        }

        return !SockAddr.IsAny(address)
            && length <= (address.IsIPv4 ? 32 : 128)
            && (address & IpAddressBits.Mask(address.IsIPv4, length)) == address;
    }

    private LinuxErrno CheckInterface(TcpAoAdd add, in SocketFacts facts)
    {
        if (add.InterfaceIndex == 0)
        {
            return LinuxErrno.None;
        }

        if (!add.KeyFlags.HasFlag(AoKeyFlags.InterfaceIndex)
            || add.InterfaceIndex < 0
            || _space.L3Devices?.IsL3Master(add.InterfaceIndex) != true)
        {
            return LinuxErrno.InvalidArgument;
        }

        // an established connection is to have no key that is not for its peer
        return facts.BoundDevice != add.InterfaceIndex && !facts.IsUnconnected ? LinuxErrno.InvalidArgument : LinuxErrno.None;
    }

    private static IpPrefix PrefixOf(IpAddressBits address, int length) =>
        IpPrefix.TryCreate(address, length, out IpPrefix prefix, out _) ? prefix : IpPrefix.Any;
}
