using System.Globalization;
using System.Net;
using TcpAo.Capture;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Cli.Verify;

/// <summary>Reads the ends of connections from the command line.</summary>
internal static class EndpointText
{
    /// <summary><c>ADDR:PORT</c> or <c>ADDR:PORT-ADDR:PORT</c>; null for no filter.</summary>
    public static ConnectionFilter? ParseFilter(string? text)
    {
        if (text is null)
        {
            return null;
        }

        string[] ends = text.Split('-');
        if (ends.Length > 2)
        {
            throw new UserErrorException($"--connection '{text}': give one end or two, such as 192.0.2.1:40000-192.0.2.2:179", ExitCodes.Usage);
        }

        return new ConnectionFilter(ParseEnd("--connection", ends[0]), ends.Length == 2 ? ParseEnd("--connection", ends[1]) : null);
    }

    /// <summary><c>ADDR:PORT=ISN[/SNE],ADDR:PORT=ISN[/SNE]</c>.</summary>
    public static KnownIsns ParseIsns(string text)
    {
        string[] parts = text.Split(',');
        if (parts.Length != 2)
        {
            throw new UserErrorException($"--isns '{text}': give both ends, such as 192.0.2.1:40000=0x1c2d3e4f,192.0.2.2:179=287454020", ExitCodes.Usage);
        }

        (CaptureEndpoint first, uint firstIsn, uint? firstSne) = ParseIsn(parts[0]);
        (CaptureEndpoint second, uint secondIsn, uint? secondSne) = ParseIsn(parts[1]);
        return new KnownIsns(new SocketPair(first.Address, second.Address, first.Port, second.Port), firstIsn, secondIsn, firstSne, secondSne);
    }

    private static (CaptureEndpoint End, uint Isn, uint? Sne) ParseIsn(string text)
    {
        string[] halves = text.Split('=');
        string[] numbers = halves[^1].Split('/');
        if (halves.Length != 2 || numbers.Length > 2)
        {
            throw new UserErrorException($"--isns '{text}': write an end as ADDR:PORT=ISN or ADDR:PORT=ISN/SNE", ExitCodes.Usage);
        }

        return (ParseEnd("--isns", halves[0]), ParseNumber(numbers[0]), numbers.Length == 2 ? ParseNumber(numbers[1]) : null);
    }

    private static uint ParseNumber(string text)
    {
        bool good = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number)
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return good ? number : throw new UserErrorException($"--isns: '{text}' is not a number below 2^32; hex begins with 0x", ExitCodes.Usage);
    }

    private static CaptureEndpoint ParseEnd(string option, string text)
    {
        // IPEndPoint reads "[addr]:port" and "addr:port"; a bare IPv6 address has no place for a port
        bool hasPort = text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.Count(c => c == ':') == 1;
        // "10.1" is an address to IPEndPoint, and a slip to people
        bool isWhole = text.StartsWith('[') || text.Count(c => c == '.') == 3;
        return hasPort && isWhole && !text.EndsWith(':') && IPEndPoint.TryParse(text, out IPEndPoint? end)
            ? new CaptureEndpoint(IpAddressBits.From(end.Address), (ushort)end.Port)
            : throw new UserErrorException($"{option}: '{text}' is not an address and a port; write 192.0.2.1:179 or [2001:db8::1]:179", ExitCodes.Usage);
    }
}
