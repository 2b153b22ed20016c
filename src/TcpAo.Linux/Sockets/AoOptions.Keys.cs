// TCP_AO_GET_KEYS (linux-uapi 4.5). The kernel gives the keys themselves; they are compared where they lie, and erased.

using System.Collections.Immutable;
using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Linux.Interop;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

internal static partial class AoOptions
{
    private const int FirstCapacity = 16;

    private delegate T ReadRecord<T>(TcpAoGetSockOpt record, TcpAoExtension extension);

    /// <summary>All keys, newest first; none where the socket has no TCP-AO.</summary>
    public static ImmutableArray<TcpAoKeyStatus> GetKeys(OptionSocket socket) => Read(socket, static (record, extension) => Describe(record, extension));

    /// <summary>All keys, each with the one of some known keys that it is, secret included.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="known">The keys that it may be; their ids differ.</param>
    public static ImmutableArray<(TcpAoKeyStatus Status, AoKey? Key)> GetKeys(OptionSocket socket, IReadOnlyList<AoKey> known) => Read(socket, (record, extension) =>
    {
        byte sendId = record.SendId;
        AoKey? key = known.FirstOrDefault(candidate => candidate.SendId == sendId);
        return (Describe(record, extension), key is not null && IsSame(record, key) ? key : null);
    });

    /// <summary>Whether the socket has just this key, secret included.</summary>
    public static bool HasKey(OptionSocket socket, TcpAoKey key)
    {
        OptionPeer peer = OptionPeer.On(socket, key.Peer);
        var material = AoKey.ForSocket("", key.SendId, key.RecvId, key.Algorithm, key.MasterKey, key.MacLength ?? key.Algorithm.DefaultMacLength, key.IncludeTcpOptions);
        return GetKeys(socket, [material]).Any(found =>
            found.Key is not null
            && found.Status.Peer == peer.Prefix
            && found.Status.InterfaceIndex == key.InterfaceIndex
            && found.Status.LocalPorts == key.LocalPorts
            && found.Status.RemotePorts == key.RemotePorts);
    }

    private static ImmutableArray<T> Read<T>(OptionSocket socket, ReadRecord<T> read)
    {
        for (int capacity = FirstCapacity; ;)
        {
            bool isExtended = socket.MayHaveExtension;
            int stride = isExtended ? TcpAoExtension.TotalLength : TcpAoGetSockOpt.Size;

            // pinned, so that the collector leaves no copy behind when it compacts
            byte[] value = GC.AllocateArray<byte>(capacity * stride, pinned: true);
            try
            {
                _ = new TcpAoGetSockOpt(value) { GetAll = true, KeyCount = (uint)capacity };
                if (isExtended)
                {
                    TcpAoExtension.Create(value);
                }

                int errno = socket.Get(TcpSocketOption.AoGetKeys, value, stride);
                if (errno == Errno.E2BIG && isExtended)
                {
                    socket.MayHaveExtension = false;
                    continue;
                }

                if (errno == Errno.ENOENT)
                {
                    return [];
                }

                if (errno != 0)
                {
                    throw OptionErrors.Get(errno);
                }

                int count = (int)new TcpAoGetSockOpt(value).KeyCount;
                if (count <= capacity)
                {
                    return ReadAll(value, count, stride, isExtended, read);
                }

                // more may come meanwhile
                capacity = count + FirstCapacity;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(value);
            }
        }
    }

    private static ImmutableArray<T> ReadAll<T>(byte[] value, int count, int stride, bool isExtended, ReadRecord<T> read)
    {
        ImmutableArray<T>.Builder keys = ImmutableArray.CreateBuilder<T>(count);
        for (int i = 0; i < count; i++)
        {
            Span<byte> record = value.AsSpan(i * stride, stride);
            TcpAoExtension extension = default;
            if (isExtended)
            {
                TcpAoExtension.TryGet(record, out extension);
            }

            keys.Add(read(new TcpAoGetSockOpt(record), extension));
        }

        return keys.MoveToImmutable();
    }

    private static TcpAoKeyStatus Describe(TcpAoGetSockOpt record, TcpAoExtension extension)
    {
        IpPrefix.TryCreate(record.Address.Address, record.PrefixLength, out IpPrefix peer, out _);
        bool hasPorts = extension.IsPresent;
        return new TcpAoKeyStatus(peer, record.SendId, record.ReceiveId)
        {
            AlgorithmName = record.AlgorithmName,
            Algorithm = SocketAlgorithm.Find(record.AlgorithmName, record.KeyLength),
            MacLength = record.MacLength,
            IncludeTcpOptions = !record.KeyFlags.HasFlag(AoKeyFlags.ExcludeOptions),
            InterfaceIndex = record.KeyFlags.HasFlag(AoKeyFlags.InterfaceIndex) ? record.InterfaceIndex : null,
            LocalPorts = hasPorts ? extension.LocalPorts : default,
            RemotePorts = hasPorts ? extension.RemotePorts : default,
            IsCurrent = record.IsCurrent,
            IsRNext = record.IsRNext,
            Good = record.Good,
            Bad = record.Bad,
        };
    }

    private static bool IsSame(TcpAoGetSockOpt record, AoKey key)
    {
        if (record.SendId != key.SendId
            || record.ReceiveId != key.RecvId
            || record.MacLength != key.MacLength
            || record.KeyFlags.HasFlag(AoKeyFlags.ExcludeOptions) == key.IncludeTcpOptions
            || !ReferenceEquals(SocketAlgorithm.Find(record.AlgorithmName, record.KeyLength), key.Algorithm))
        {
            return false;
        }

        // an AES key is kept, and given back, as what RFC 5926 makes of it
        if (ReferenceEquals(key.Algorithm, MacAlgorithms.AesCmac) && record.KeyLength != key.MasterKey.Length)
        {
            using Secret kept = SocketAlgorithm.Keep(key.Algorithm, key.MasterKey.Bytes);
            return CryptographicOperations.FixedTimeEquals(record.Key, kept.Bytes);
        }

        return CryptographicOperations.FixedTimeEquals(record.Key, key.MasterKey.Bytes);
    }
}
