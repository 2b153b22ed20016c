// linux-uapi 4.5: TCP_AO_GET_KEYS.

using System.Buffers.Binary;
using System.Security.Cryptography;
using TcpAo.Diagnostics;
using TcpAo.Keys;

namespace TcpAo.Uapi;

public sealed partial class AoSocket
{
    private UapiAnswer GetKeys(ReadOnlySpan<byte> value, int length)
    {
        if (length <= 0)
        {
            return Fail(LinuxErrno.InvalidArgument);
        }

        int stride = length;
        Span<byte> bytes = stackalloc byte[TcpAoGetSockOpt.Size];
        LinuxErrno errno = TakeExtension(ref value, ref length, out KeyPorts? ports);
        errno = errno == LinuxErrno.None ? UapiCopy.Take(value, length, bytes) : errno;
        var filter = new TcpAoGetSockOpt(bytes);
        SockAddr address = default;
        if (errno == LinuxErrno.None)
        {
            errno = CheckFilter(filter, out address);
        }

        if (errno != LinuxErrno.None)
        {
            return Fail(errno);
        }

        List<UapiWrite> writes = [];
        uint matched = 0;
        foreach (SocketKey key in _keys.All)
        {
            if (!IsWanted(key, filter, address.Address))
            {
                continue;
            }

            matched++;
            long offset = (long)(matched - 1) * stride;
            if (matched > filter.KeyCount || offset > int.MaxValue - stride)
            {
                continue;
            }

            writes.Add(new UapiWrite((int)offset, Describe(key, Math.Min(length, TcpAoGetSockOpt.Size))));
            if (ports is not null)
            {
                writes.Add(new UapiWrite((int)offset + TcpAoExtension.Offset, DescribePorts(key)));
            }
        }

        // into the first record, also where there is no room for one
        byte[] count = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(count, matched);
        writes.Add(new UapiWrite(UapiLayout.TcpAoGetsockopt.Nkeys, count));
        return new UapiAnswer(LinuxErrno.None) { Writes = [.. writes], Length = TcpAoGetSockOpt.Size };
    }

    private static LinuxErrno CheckFilter(TcpAoGetSockOpt filter, out SockAddr address)
    {
        address = filter.Address;
        bool isByUse = filter.IsCurrent || filter.IsRNext;
        bool isByAddress = !filter.GetAll && !isByUse;
        if (filter.Good != 0
            || filter.Bad != 0
            || (filter.KeyFlags & ~AoKeyFlags.InterfaceIndex) != AoKeyFlags.None
            || (filter.InterfaceIndex != 0 && !filter.KeyFlags.HasFlag(AoKeyFlags.InterfaceIndex))
            || filter.HasReserved
            || (filter.GetAll && isByUse))
        {
            return LinuxErrno.InvalidArgument;
        }

        // The port is left aside, as on Linux. Of IPv4 the mapped form is taken as well, without a check where the prefix is 0.
        switch (address.Family)
        {
            case SocketFamily.Inet or SocketFamily.Inet6:
                if (!IsPrefix(address, filter.PrefixLength))
                {
                    return LinuxErrno.InvalidArgument;
                }

                break;
            case SocketFamily.Unspecified when !isByAddress:
                break;
            default:
                return LinuxErrno.AddressFamilyNotSupported;
        }

        bool hasMore = address.Family != SocketFamily.Unspecified || filter.PrefixLength != 0 || filter.SendId != 0 || filter.ReceiveId != 0;
        return !isByAddress && hasMore ? LinuxErrno.InvalidArgument : LinuxErrno.None;
    }

    private bool IsWanted(SocketKey key, TcpAoGetSockOpt filter, IpAddressBits address)
    {
        if (filter.GetAll)
        {
            return true;
        }

        if (filter.IsCurrent || filter.IsRNext)
        {
            return (filter.IsCurrent && ReferenceEquals(key, _current)) || (filter.IsRNext && ReferenceEquals(key, _rnext));
        }

        int l3Index = filter.KeyFlags.HasFlag(AoKeyFlags.InterfaceIndex) ? filter.InterfaceIndex : -1;
        return key.Key.SendId == filter.SendId && key.Key.RecvId == filter.ReceiveId && key.MatchesUnder(address, filter.PrefixLength, l3Index);
    }

    private byte[] Describe(SocketKey key, int length)
    {
        Span<byte> bytes = stackalloc byte[TcpAoGetSockOpt.Size];
        bytes.Clear();
        KeyCounters? counters = _connection is null ? _counters.GetKey(key.Key) : _connection.GetKeyCounters(key.Key);
        var record = new TcpAoGetSockOpt(bytes)
        {
            Address = SockAddr.Of(key.Address),
            AlgorithmName = SocketAlgorithm.NameOf(key.Key.Algorithm),
            SendId = key.Key.SendId,
            ReceiveId = key.Key.RecvId,
            PrefixLength = key.PrefixLength,
            KeyFlags = key.Flags,
            IsCurrent = ReferenceEquals(key, _current),
            IsRNext = ReferenceEquals(key, _rnext),
            MacLength = (byte)key.Key.MacLength,
            KeyLength = (byte)key.Key.MasterKey.Length,
            InterfaceIndex = key.L3Index,
            Good = counters?.Good ?? 0,
            Bad = counters?.Bad ?? 0,
        };
        key.Key.MasterKey.Bytes.CopyTo(record.Key);
        byte[] copy = bytes[..length].ToArray();
        CryptographicOperations.ZeroMemory(bytes);
        return copy;
    }

    private static byte[] DescribePorts(SocketKey key)
    {
        byte[] block = new byte[TcpAoExtension.Size];
        TcpAoExtension extension = TcpAoExtension.CreateBlock(block);
        (extension.LocalPorts, extension.RemotePorts) = (key.Ports.Local, key.Ports.Remote);
        return block;
    }
}
