// TCP MD5 on a socket (RFC 2385), as far as TCP-AO must know of it: a peer has keys of one kind.

using System.Security.Cryptography;
using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Uapi;

public sealed partial class AoSocket
{
    private const byte Md5FlagPrefix = 1;
    private const byte Md5FlagIfindex = 2;
    private const int Md5MacLength = 16;

    private readonly List<SocketMd5Key> _md5 = [];

    /// <summary>Whether the socket has a TCP MD5 key for anybody.</summary>
    public bool HasMd5 => _md5.Count > 0;

    /// <summary>Tells what the kernel answered to a call that <see cref="UapiAnswer.ToKernel"/> passed on.</summary>
    /// <param name="option">The call's option.</param>
    /// <param name="value">Its value, the very bytes that the kernel got.</param>
    /// <param name="length">Its length.</param>
    /// <param name="facts">As for the call.</param>
    /// <param name="errno">The kernel's answer.</param>
    public void CompleteMd5(TcpSocketOption option, ReadOnlySpan<byte> value, int length, in SocketFacts facts, LinuxErrno errno)
    {
        if (errno == LinuxErrno.None)
        {
            ChangeMd5(option, value, length, facts, isCheckOnly: false);
        }
    }

    private UapiAnswer SetMd5(TcpSocketOption option, ReadOnlySpan<byte> value, int length, in SocketFacts facts)
    {
        LinuxErrno errno = ChangeMd5(option, value, length, facts, isCheckOnly: _space.Md5 == Md5Support.Kernel);
        if (_space.Md5 == Md5Support.Engine)
        {
            return new UapiAnswer(errno) { KeysChanged = errno == LinuxErrno.None };
        }

        // whatever else may be wrong the kernel says itself
        return errno == LinuxErrno.KeyRejected ? Fail(errno) : new UapiAnswer(LinuxErrno.None) { ToKernel = true };
    }

    private LinuxErrno ChangeMd5(TcpSocketOption option, ReadOnlySpan<byte> value, int length, in SocketFacts facts, bool isCheckOnly)
    {
        if (length < TcpMd5Sig.Size)
        {
            return LinuxErrno.InvalidArgument;
        }

        // what lies behind this structure is left aside
        if (value.Length < TcpMd5Sig.Size)
        {
            return LinuxErrno.BadAddress;
        }

        Span<byte> bytes = stackalloc byte[TcpMd5Sig.Size];
        value[..TcpMd5Sig.Size].CopyTo(bytes);
        try
        {
            return ChangeMd5(new TcpMd5Sig(bytes), option == TcpSocketOption.Md5SigExt, facts, isCheckOnly);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private LinuxErrno ChangeMd5(TcpMd5Sig sig, bool isExtended, in SocketFacts facts, bool isCheckOnly)
    {
        SockAddr given = sig.AddressAs(facts.Family);
        IpAddressBits address = given.Address;
        int longest = address.IsIPv4 ? 32 : 128;
        int prefixLength = isExtended && (sig.Flags & Md5FlagPrefix) != 0 ? sig.PrefixLength : longest;
        bool isBound = (sig.Flags & Md5FlagIfindex) != 0;
        int l3Index = isExtended && isBound ? sig.InterfaceIndex : 0;
        if (given.Family != facts.Family
            || prefixLength > longest
            || (l3Index != 0 && (l3Index < 0 || _space.L3Devices?.IsL3Master(l3Index) != true)))
        {
            return LinuxErrno.InvalidArgument;
        }

        int existing = _md5.FindIndex(key => key.Is(address, (byte)prefixLength, isBound, l3Index));
        if (sig.KeyLength == 0)
        {
            if (existing >= 0 && !isCheckOnly)
            {
                _md5.RemoveAt(existing);
                _policies.Clear();
            }

            return existing >= 0 ? LinuxErrno.None : LinuxErrno.NoEntry;
        }

        if (sig.KeyLength > Secret.MaxLength)
        {
            return LinuxErrno.InvalidArgument;
        }

        // R-099, the other way round; and a policy has its own keys for the peer
        bool isRejected = AoRequired
            || (HasAo && _keys.Matching(address, isBound ? l3Index : -1).Count > 0)
            || _space.PolicyOwns(PrefixOf(address & IpAddressBits.Mask(address.IsIPv4, prefixLength), prefixLength), facts);
        if (isRejected || isCheckOnly)
        {
            return isRejected ? LinuxErrno.KeyRejected : LinuxErrno.None;
        }

        var secret = Secret.FromSocket(sig.Key);
        var added = new SocketMd5Key(
            address,
            (byte)prefixLength,
            isBound,
            l3Index,
            AoKey.ForSocket("socket/md5", 0, 0, MacAlgorithms.TcpMd5, secret, Md5MacLength, includeTcpOptions: false));
        if (existing >= 0)
        {
            _md5.RemoveAt(existing);
        }

        _md5.Add(added);
        _policies.Clear();
        return LinuxErrno.None;
    }

    /// <summary>The TCP MD5 key for a peer, the one with the longest prefix.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="vrf">Its VRF, 0 for none; -1 to leave that aside.</param>
    private SocketMd5Key? FindMd5(IpAddressBits peer, int vrf)
    {
        SocketMd5Key? best = null;
        foreach (SocketMd5Key key in _md5)
        {
            if (key.Matches(peer, vrf) && (best is null || key.PrefixLength > best.PrefixLength))
            {
                best = key;
            }
        }

        return best;
    }
}
