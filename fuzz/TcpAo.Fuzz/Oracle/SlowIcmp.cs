namespace TcpAo.Fuzz.Oracle;

/// <summary>An ICMP error that quotes TCP, read a second time from RFC 792, RFC 4443 and RFC 8200.</summary>
/// <param name="Type">ICMP type.</param>
/// <param name="Code">ICMP code.</param>
/// <param name="Source">Source address of the quote.</param>
/// <param name="Destination">Its destination address.</param>
/// <param name="Ports">Its two ports.</param>
internal sealed record SlowIcmp(byte Type, byte Code, byte[] Source, byte[] Destination, byte[] Ports)
{
    /// <summary>The error, or null where it is none.</summary>
    public static SlowIcmp? Read(byte[] bytes)
    {
        int version = bytes.Length == 0 ? 0 : bytes[0] >> 4;
        if (Body(bytes, version, version == 4 ? 1 : 58, isQuote: false) is not { Length: >= 8 } icmp || !(version == 4 ? icmp[0] == 3 : icmp[0] is 1 or 2))
        {
            return null;
        }

        byte[] quote = icmp[8..];
        if (Body(quote, version, 6, isQuote: true) is not { Length: >= 4 } tcp)
        {
            return null;
        }

        return version == 4
            ? new SlowIcmp(icmp[0], icmp[1], quote[12..16], quote[16..20], tcp[..4])
            : new SlowIcmp(icmp[0], icmp[1], quote[8..24], quote[24..40], tcp[..4]);
    }

    /// <summary>
    /// What follows the IP header, if it is of the protocol. A quote is read as Linux does: its version and, for IPv4, its fragment offset do not count.
    /// </summary>
    private static byte[]? Body(byte[] bytes, int version, int protocol, bool isQuote)
    {
        if (bytes.Length == 0 || (!isQuote && bytes[0] >> 4 != version))
        {
            return null;
        }

        if (version == 4)
        {
            int header = (bytes[0] & 15) * 4;
            bool isFine = bytes.Length >= 20 && header >= 20 && header <= bytes.Length && bytes[9] == protocol;
            bool isWhole = isFine && (isQuote || ((bytes[6] & 0x1F) == 0 && bytes[7] == 0));
            return isWhole ? bytes[header..] : null;
        }

        if (version != 6 || bytes.Length < 40)
        {
            return null;
        }

        int next = bytes[6];
        int at = 40;
        while (next != protocol)
        {
            if (next is not (0 or 43 or 44 or 51 or 60) || at + 8 > bytes.Length)
            {
                return null;
            }

            // a later fragment has no ports
            if (next == 44 && ((bytes[at + 2] << 8) | bytes[at + 3]) >= 8)
            {
                return null;
            }

            int length = next == 44 ? 8 : next == 51 ? (bytes[at + 1] + 2) * 4 : (bytes[at + 1] + 1) * 8;
            next = bytes[at];
            at += length;
        }

        return at <= bytes.Length ? bytes[at..] : null;
    }
}
