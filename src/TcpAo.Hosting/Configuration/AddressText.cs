using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>The addresses, prefixes and ports of peers as text: checked here, interpreted by who matches connections.</summary>
internal static class AddressText
{
    /// <summary>What stands for every address and every port.</summary>
    internal const string Any = "any";

    /// <summary>Checks an address or prefix; returns what is wrong with it, or null.</summary>
    internal static string? CheckPrefix(string text, out bool? isIPv4, out string? hint)
    {
        isIPv4 = null;
        hint = null;
        if (text is Any)
        {
            return null;
        }

        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? text : text[..slash];
        if (host.Contains('%', StringComparison.Ordinal))
        {
            hint = "name the interface with 'interface:'";
            return $"must be an address without a zone, not {Shown.Quoted(text)}";
        }

        // BCL also reads 1 and 0x7f.1 as IPv4 addresses
        if (!IPAddress.TryParse(host, out IPAddress? address)
            || host.StartsWith('[')
            || (address.AddressFamily == AddressFamily.InterNetwork && !string.Equals(address.ToString(), host, StringComparison.Ordinal)))
        {
            return $"must be an address, a prefix such as 192.0.2.0/24 or 2001:db8::/32, or any, not {Shown.Quoted(text)}";
        }

        IpAddressBits bits = IpAddressBits.From(address);
        bool isMapped = address.IsIPv4MappedToIPv6;
        isIPv4 = bits.IsIPv4;
        int longest = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (isMapped)
        {
            hint = $"write {bits}";
            return $"must not be an IPv4-mapped IPv6 address, {Shown.Quoted(text)}";
        }

        if (slash < 0)
        {
            return null;
        }

        if (!TryParseNumber(text[(slash + 1)..], 0, longest, out int length))
        {
            return $"must have a prefix length from 0 to {longest}, not {Shown.Quoted(text)}";
        }

        IpAddressBits network = bits & IpAddressBits.Mask(bits.IsIPv4, length);
        if (bits.IsIPv4)
        {
            // the mask keeps the mapped prefix only where it covers it
            network = network with { Low = network.Low | 0x0000_FFFF_0000_0000 };
        }

        if (network != bits)
        {
            hint = $"did you mean {network}/{length} or {bits}/{longest}?";
            return $"has bits set beyond its prefix length, {Shown.Quoted(text)}";
        }

        return null;
    }

    /// <summary>Checks a port or range; returns what is wrong with it, or null.</summary>
    internal static string? CheckPort(string text)
    {
        if (text is Any)
        {
            return null;
        }

        string[] ends = text.Split('-');
        int last = 0;
        bool right = ends.Length <= 2
            && TryParseNumber(ends[0].Trim(), 1, ushort.MaxValue, out int first)
            && TryParseNumber(ends[^1].Trim(), first, ushort.MaxValue, out last);
        return right ? null : $"must be a port from 1 to 65535, a range such as \"179-181\", or any, not {Shown.Quoted(text)}";
    }

    private static bool TryParseNumber(string text, int min, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= min && number <= max && text is not ['0', _, ..];
}
