using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;

namespace TcpAo.Keys;

/// <summary>
/// The addresses of one end in a connection identifier: a prefix, one host, or every address of both families
/// (RFC 5925 section 3.1, R-011). The default value is <see cref="Any"/>.
/// </summary>
/// <remarks>
/// IPv4-mapped IPv6 is IPv4, as on Linux (linux-uapi 4.1). <c>0.0.0.0/0</c> is all of IPv4, <c>::/0</c> all of IPv6 and
/// <c>any</c> both; an IPv6 prefix never covers an IPv4 address, however short it is.
/// </remarks>
public readonly record struct IpPrefix
{
    private IpPrefix(IpAddressBits address, IpAddressBits mask, IpFamily family)
    {
        Address = address;
        Mask = mask;
        Family = family;
    }

    /// <summary>Every address of both families.</summary>
    public static IpPrefix Any => default;

    /// <summary>The first address of the prefix.</summary>
    public IpAddressBits Address { get; }

    /// <summary>One bits where an address must equal <see cref="Address"/>.</summary>
    public IpAddressBits Mask { get; }

    /// <summary>Which family the prefix is of; <see cref="IpFamily.Any"/> for <see cref="Any"/> alone.</summary>
    public IpFamily Family { get; }

    /// <summary>Whether this is <see cref="Any"/>.</summary>
    public bool IsAny => Family == IpFamily.Any;

    /// <summary>Bits of the prefix as its family counts them: 0 to 32 for IPv4, 0 to 128 for IPv6, 0 for <see cref="Any"/>.</summary>
    public int PrefixLength
    {
        get
        {
            int bits = BitOperations.PopCount(Mask.High) + BitOperations.PopCount(Mask.Low);
            return Family == IpFamily.IPv4 ? bits - 96 : bits;
        }
    }

    /// <summary>Whether the prefix is a single address.</summary>
    public bool IsHost => Mask.Low == ulong.MaxValue;

    /// <summary>The order of "longest prefix": 0 for any, then the length and one; 8 bits.</summary>
    internal int Rank => IsAny ? 0 : PrefixLength + 1;

    /// <summary>The one address <paramref name="address"/>.</summary>
    public static IpPrefix Host(IpAddressBits address) =>
        new(address, IpAddressBits.Mask(isIPv4: false, 128), address.IsIPv4 ? IpFamily.IPv4 : IpFamily.IPv6);

    /// <summary>Makes a prefix of an address and a length that counts the bits of the address's own family.</summary>
    /// <param name="address">The first address; IPv4-mapped counts as IPv4.</param>
    /// <param name="prefixLength">0 to 32 for IPv4, 0 to 128 for IPv6.</param>
    /// <param name="prefix">The prefix, or <see cref="Any"/> after false.</param>
    /// <param name="reason">After false: what is wrong, in words for the one who wrote it.</param>
    /// <returns>False when the length is out of range or bits after the prefix are set.</returns>
    public static bool TryCreate(IpAddressBits address, int prefixLength, out IpPrefix prefix, [NotNullWhen(false)] out string? reason)
    {
        prefix = default;
        int longest = address.IsIPv4 ? 32 : 128;
        if (prefixLength < 0 || prefixLength > longest)
        {
            reason = $"{address}/{prefixLength}: the prefix length is 0 to {longest}.";
            return false;
        }

        IpAddressBits mask = IpAddressBits.Mask(address.IsIPv4, prefixLength);
        if ((address & mask) != address)
        {
            reason = $"{address}/{prefixLength} has bits set after the prefix; write {address & mask}/{prefixLength}, or {address} for the one host.";
            return false;
        }

        prefix = new IpPrefix(address, mask, address.IsIPv4 ? IpFamily.IPv4 : IpFamily.IPv6);
        reason = null;
        return true;
    }

    /// <summary>
    /// Makes a prefix of an address as a socket address has it: an IPv4-mapped IPv6 address counts its prefix from 96 to 128.
    /// </summary>
    /// <inheritdoc cref="TryCreate(IpAddressBits, int, out IpPrefix, out string?)"/>
    public static bool TryCreate(IPAddress address, int prefixLength, out IpPrefix prefix, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(address);
        IpAddressBits bits = IpAddressBits.From(address);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && bits.IsIPv4)
        {
            if (prefixLength is < 96 or > 128)
            {
                prefix = default;
                reason = $"::ffff:{bits}/{prefixLength}: the prefix length of an IPv4-mapped address is 96 to 128.";
                return false;
            }

            prefixLength -= 96;
        }

        return TryCreate(bits, prefixLength, out prefix, out reason);
    }

    /// <summary>Reads <c>any</c>, an address, or an address, a slash and a prefix length.</summary>
    /// <param name="text">Such as <c>192.0.2.1</c>, <c>192.0.2.0/24</c>, <c>2001:db8::/32</c> or <c>any</c>. No zone, no brackets, no octal.</param>
    /// <param name="prefix">The prefix, or <see cref="Any"/> after false.</param>
    /// <param name="reason">After false: what is wrong, in words for the one who wrote it.</param>
    public static bool TryParse(string? text, out IpPrefix prefix, [NotNullWhen(false)] out string? reason)
    {
        prefix = default;
        if (string.Equals(text, "any", StringComparison.OrdinalIgnoreCase))
        {
            reason = null;
            return true;
        }

        int slash = (text ?? "").IndexOf('/', StringComparison.Ordinal);
        string written = slash < 0 ? text ?? "" : text![..slash];
        if (!TryParseAddress(written, out IPAddress? address))
        {
            reason = $"'{text}' is not an IP address, a prefix such as 192.0.2.0/24, or any.";
            return false;
        }

        if (slash < 0)
        {
            prefix = Host(IpAddressBits.From(address));
            reason = null;
            return true;
        }

        if (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int length))
        {
            reason = $"'{text}': the prefix length is a number, 0 to {(address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}.";
            return false;
        }

        return TryCreate(address, length, out prefix, out reason);
    }

    /// <summary>Whether <paramref name="address"/> is one of the prefix's.</summary>
    public bool Contains(IpAddressBits address) =>
        Family == IpFamily.Any || (address.IsIPv4 == (Family == IpFamily.IPv4) && (address & Mask) == Address);

    /// <summary>Whether some address is in both.</summary>
    public bool Overlaps(IpPrefix other)
    {
        IpAddressBits mask = Mask & other.Mask;
        return (IsAny || other.IsAny || Family == other.Family) && (Address & mask) == (other.Address & mask);
    }

    /// <summary><c>any</c>, a bare address for a host, else <c>192.0.2.0/24</c>; <see cref="TryParse"/> reads it back.</summary>
    public override string ToString() => IsAny ? "any" : IsHost ? Address.ToString() : $"{Address}/{PrefixLength}";

    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        // IPAddress also reads 127.1, 0x7f.1, 010.0.0.1, [::1]:80 and ::1%2: none of them is meant in a key
        if (text.AsSpan().IndexOfAny('[', ']', '%') >= 0 || !IPAddress.TryParse(text, out address))
        {
            address = null;
            return false;
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6 || string.Equals(address.ToString(), text, StringComparison.Ordinal);
    }
}
