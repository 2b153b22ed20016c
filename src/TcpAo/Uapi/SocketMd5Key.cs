using TcpAo.Keys;

namespace TcpAo.Uapi;

/// <summary>A TCP MD5 key on a socket.</summary>
internal sealed class SocketMd5Key(IpAddressBits address, byte prefixLength, bool isBound, int l3Index, AoKey key)
{
    private readonly IpAddressBits _mask = IpAddressBits.Mask(address.IsIPv4, prefixLength);

    public AoKey Key { get; } = key;

    public byte PrefixLength { get; } = prefixLength;

    public IpPrefix Prefix => IpPrefix.TryCreate(address & _mask, PrefixLength, out IpPrefix prefix, out _) ? prefix : IpPrefix.Any;

    /// <summary>Whether it is for this peer; unlike with TCP-AO an "any" peer is one of its own.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="vrf">Its VRF, 0 for none; -1 to leave that aside.</param>
    public bool Matches(IpAddressBits peer, int vrf) =>
        address.IsIPv4 == peer.IsIPv4 && (vrf < 0 || !isBound || vrf == l3Index) && (peer & _mask) == (address & _mask);

    /// <summary>Whether a call that names all this means this key.</summary>
    public bool Is(IpAddressBits otherAddress, byte otherLength, bool otherIsBound, int otherL3Index) =>
        address == otherAddress && PrefixLength == otherLength && isBound == otherIsBound && l3Index == otherL3Index;

    /// <summary>What a connection inherits of it.</summary>
    public SocketMd5Key ForHost(IpAddressBits peer) => new(peer, (byte)(peer.IsIPv4 ? 32 : 128), isBound, l3Index, Key);
}
