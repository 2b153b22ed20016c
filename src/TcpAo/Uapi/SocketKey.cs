using TcpAo.Keys;

namespace TcpAo.Uapi;

/// <summary>A key on a socket: for whom, and which.</summary>
internal sealed class SocketKey(IpAddressBits address, byte prefixLength, AoKeyFlags flags, int l3Index, AoKey key, KeyPorts ports = default)
{
    private readonly IpAddressBits _mask = IpAddressBits.Mask(address.IsIPv4, prefixLength);

    public IpAddressBits Address { get; } = address;

    public byte PrefixLength { get; } = prefixLength;

    public AoKeyFlags Flags { get; } = flags;

    public int L3Index { get; } = l3Index;

    public AoKey Key { get; } = key;

    public KeyPorts Ports { get; } = ports;

    /// <summary>Whether the prefix is one address.</summary>
    public bool IsHost => PrefixLength == (Address.IsIPv4 ? 32 : 128);

    /// <summary>A copy for an accepted connection's socket.</summary>
    public SocketKey Copy() => new(Address, PrefixLength, Flags, L3Index, Key, Ports);

    /// <summary>Whether it is for this peer.</summary>
    /// <param name="peer">The peer; the family's "any" matches every key of the family, as on Linux.</param>
    /// <param name="l3Index">Its VRF, 0 for none; -1 to leave that aside.</param>
    public bool Matches(IpAddressBits peer, int l3Index) =>
        IsInVrf(l3Index)
        && Address.IsIPv4 == peer.IsIPv4
        && (SockAddr.IsAny(Address) || SockAddr.IsAny(peer) || (peer & _mask) == Address);

    /// <summary>Whether there are peers for which both this and a key of that prefix are.</summary>
    /// <param name="other">First address of the prefix.</param>
    /// <param name="otherLength">Its length.</param>
    /// <param name="l3Index">Its VRF.</param>
    public bool Overlaps(IpAddressBits other, int otherLength, int l3Index) => MatchesUnder(other, Math.Min(PrefixLength, otherLength), l3Index);

    /// <summary>Whether both have the same first bits; any address has all.</summary>
    public bool MatchesUnder(IpAddressBits other, int length, int l3Index)
    {
        if (!IsInVrf(l3Index) || Address.IsIPv4 != other.IsIPv4)
        {
            return false;
        }

        IpAddressBits mask = IpAddressBits.Mask(Address.IsIPv4, Math.Min(length, Address.IsIPv4 ? 32 : 128));
        return SockAddr.IsAny(Address) || SockAddr.IsAny(other) || (Address & mask) == (other & mask);
    }

    private bool IsInVrf(int l3Index) => l3Index < 0 || !Flags.HasFlag(AoKeyFlags.InterfaceIndex) || L3Index == l3Index;
}
