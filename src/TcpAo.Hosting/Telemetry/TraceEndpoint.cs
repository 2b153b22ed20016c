using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TcpAo.Keys;

namespace TcpAo.Hosting.Telemetry;

/// <summary>What is asked of one end of a connection. The default value is met by any.</summary>
/// <param name="Address">The addresses.</param>
/// <param name="Port">The port; null for any.</param>
internal readonly record struct TraceEndpoint(IpPrefix Address, ushort? Port)
{
    /// <summary>Reads <c>ADDR</c>, <c>ADDR/LEN</c>, <c>ADDR:PORT</c>, <c>[ADDR]:PORT</c> or <c>:PORT</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="end">The end, or one that any meets after false.</param>
    /// <param name="reason">After false: what is wrong.</param>
    public static bool TryParse(string text, out TraceEndpoint end, [NotNullWhen(false)] out string? reason)
    {
        end = default;
        string address = text;
        ushort? port = null;
        int colon = text.LastIndexOf(':');
        bool isBracketed = text.StartsWith('[');

        // a bare IPv6 address has more than one
        if (colon >= 0 && (isBracketed ? text[colon - 1] == ']' : text.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number))
            {
                reason = $"'{text}': a port is a number, 0 to 65535.";
                return false;
            }

            port = number;
            address = text[..colon];
        }

        if (address is ['[', .. var bare, ']'])
        {
            address = bare;
        }

        IpPrefix prefix = IpPrefix.Any;
        if (address.Length > 0 && !IpPrefix.TryParse(address, out prefix, out reason))
        {
            return false;
        }

        reason = null;
        end = new TraceEndpoint(prefix, port);
        return true;
    }

    /// <summary>Whether an end is one of those.</summary>
    public bool Matches(IpAddressBits address, ushort port) => Address.Contains(address) && (Port is null || Port == port);
}
