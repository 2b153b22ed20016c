using System.Buffers.Binary;
using System.Net;

namespace TcpAo.Keys;

/// <summary>
/// An IPv4 or IPv6 address as 128 bits; IPv4 is held as its IPv4-mapped form (RFC 4291 section 2.5.5.2), so that the two
/// spellings of one host are one value. The default value is <c>::</c>.
/// </summary>
/// <param name="High">The first eight bytes, in network order as a number.</param>
/// <param name="Low">The last eight bytes, in network order as a number.</param>
public readonly record struct IpAddressBits(ulong High, ulong Low)
{
    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    /// <summary>Whether this is an IPv4 address.</summary>
    public bool IsIPv4 => High == 0 && (Low & 0xFFFF_FFFF_0000_0000) == MappedPrefix;

    /// <summary>Whether this is an IPv6 link-local address, fe80::/10: it means a host only together with an interface (RFC 4007).</summary>
    public bool IsLinkLocal => High >> 54 == 0xFE80 >> 6;

    /// <summary>Reads an address of 4 or 16 bytes in network order.</summary>
    /// <exception cref="ArgumentException">Neither 4 nor 16 bytes.</exception>
    public static IpAddressBits FromBytes(ReadOnlySpan<byte> address) => address.Length switch
    {
        4 => new IpAddressBits(0, MappedPrefix | BinaryPrimitives.ReadUInt32BigEndian(address)),
        16 => new IpAddressBits(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..])),
        _ => throw new ArgumentException("An IP address has 4 or 16 bytes.", nameof(address)),
    };

    /// <summary>Converts an <see cref="IPAddress"/>; a scope id is not part of the bits.</summary>
    public static IpAddressBits From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        return FromBytes(bytes[..written]);
    }

    /// <summary>
    /// The mask for a prefix: <paramref name="prefixLength"/> leading one bits of an IPv6 address, or, for an IPv4 one,
    /// of its last 32 bits with the mapped prefix before them.
    /// </summary>
    /// <param name="isIPv4">Whether the prefix length counts the bits of an IPv4 address.</param>
    /// <param name="prefixLength">0 to 32 for IPv4, 0 to 128 for IPv6.</param>
    public static IpAddressBits Mask(bool isIPv4, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prefixLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(prefixLength, isIPv4 ? 32 : 128);
        int bits = isIPv4 ? 96 + prefixLength : prefixLength;
        ulong high = bits >= 64 ? ulong.MaxValue : bits == 0 ? 0 : ulong.MaxValue << (64 - bits);
        ulong low = bits <= 64 ? 0 : bits == 128 ? ulong.MaxValue : ulong.MaxValue << (128 - bits);
        return new IpAddressBits(high, low);
    }

    /// <summary>Bitwise and.</summary>
    public static IpAddressBits operator &(IpAddressBits left, IpAddressBits right) => new(left.High & right.High, left.Low & right.Low);

    /// <summary>Bitwise and, for languages without operators.</summary>
    public static IpAddressBits BitwiseAnd(IpAddressBits left, IpAddressBits right) => left & right;

    /// <summary>Converts to an <see cref="IPAddress"/> of the address's own family.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        return IsIPv4 ? new IPAddress(bytes[12..]) : new IPAddress(bytes);
    }

    /// <summary>The usual text form of the address.</summary>
    public override string ToString() => ToIPAddress().ToString();
}
