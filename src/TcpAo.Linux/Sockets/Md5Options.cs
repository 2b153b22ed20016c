// TCP_MD5SIG and TCP_MD5SIG_EXT (RFC 2385).

using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>The options of TCP MD5 on a socket: TCP_MD5SIG for a host, as kernels before 4.13 have it too, else TCP_MD5SIG_EXT.</summary>
internal static class Md5Options
{
    private const byte FlagPrefix = 1;
    private const byte FlagIfindex = 2;

    public static void AddKey(OptionSocket socket, TcpMd5Key key) => Set(socket, key.Peer, key.InterfaceIndex, key.Secret);

    public static void RemoveKey(OptionSocket socket, IpPrefix peer, int? interfaceIndex) => Set(socket, peer, interfaceIndex, secret: null);

    private static void Set(OptionSocket socket, IpPrefix prefix, int? interfaceIndex, Secret? secret)
    {
        OptionPeer peer = OptionPeer.On(socket, prefix);
        Span<byte> value = stackalloc byte[TcpMd5Sig.Size];
        value.Clear();
        var sig = new TcpMd5Sig(value)
        {
            Address = peer.Address,
            KeyLength = (ushort)(secret?.Length ?? 0),
            PrefixLength = peer.Prefix.IsHost ? (byte)0 : peer.PrefixLength,
            InterfaceIndex = interfaceIndex ?? 0,
            Flags = (byte)((peer.Prefix.IsHost ? 0 : FlagPrefix) | (interfaceIndex is null ? 0 : FlagIfindex)),
        };
        int errno;
        try
        {
            secret?.Bytes.CopyTo(sig.Key);
            errno = socket.Set(sig.Flags == 0 ? TcpSocketOption.Md5Sig : TcpSocketOption.Md5SigExt, value);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(value);
        }

        if (errno != 0)
        {
            throw OptionErrors.SetMd5(errno, $"TCP MD5 key for {prefix}");
        }
    }
}
