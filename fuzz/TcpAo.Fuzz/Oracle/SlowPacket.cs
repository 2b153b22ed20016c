namespace TcpAo.Fuzz.Oracle;

/// <summary>
/// An IP packet with a TCP segment, read a second time: plainly, from RFC 791, RFC 8200, RFC 9293 and RFC 5925 section 2.2, with nothing shared
/// with the parser under test.
/// </summary>
/// <param name="TcpOffset">Where the TCP header begins.</param>
/// <param name="HeaderLength">Its length with options.</param>
/// <param name="SegmentLength">Header and payload as sent.</param>
/// <param name="End">Where the packet ends in the buffer.</param>
/// <param name="IsCut">Whether it would go on behind the buffer.</param>
/// <param name="Ao">The TCP-AO option, counted from the TCP header, or null.</param>
/// <param name="Md5">The TCP MD5 option, likewise.</param>
internal sealed record SlowPacket(int TcpOffset, int HeaderLength, int SegmentLength, int End, bool IsCut, SlowOption? Ao, SlowOption? Md5)
{
    /// <summary>The packet, or null where it is to be refused.</summary>
    public static SlowPacket? Read(byte[] bytes, bool isCapture)
    {
        if (bytes.Length == 0 || FindTcp(bytes, isCapture) is not (int tcp, int end))
        {
            return null;
        }

        bool isCut = end > bytes.Length;
        int segmentLength = end - tcp;
        if ((isCut && !isCapture) || segmentLength < 20 || bytes.Length < tcp + 20)
        {
            return null;
        }

        int headerLength = (bytes[tcp + 12] >> 4) * 4;
        if (headerLength < 20 || headerLength > segmentLength || tcp + headerLength > bytes.Length)
        {
            return null;
        }

        (List<SlowOption> options, bool isMalformed) = SlowOption.ReadList(bytes[(tcp + 20)..(tcp + headerLength)]);
        SlowOption[] ao = [.. options.Where(option => option.Kind == 29)];
        SlowOption[] md5 = [.. options.Where(option => option.Kind == 19)];
        if (isMalformed || ao.Length + md5.Length > 1 || ao.Any(option => option.Length < 4) || md5.Any(option => option.Length != 18))
        {
            return null;
        }

        return new SlowPacket(tcp, headerLength, segmentLength, Math.Min(end, bytes.Length), isCut, InHeader(ao), InHeader(md5));
    }

    private static SlowOption? InHeader(SlowOption[] found) => found.Length == 0 ? null : found[0] with { Offset = found[0].Offset + 20 };

    /// <summary>Where the TCP header begins and where the packet ends, as the IP header says it.</summary>
    private static (int Tcp, int End)? FindTcp(byte[] bytes, bool isCapture) => (bytes[0] >> 4) switch
    {
        4 => FindInIPv4(bytes, isCapture),
        6 => FindInIPv6(bytes, isCapture),
        _ => null,
    };

    private static (int Tcp, int End)? FindInIPv4(byte[] bytes, bool isCapture)
    {
        if (bytes.Length < 20)
        {
            return null;
        }

        int header = (bytes[0] & 15) * 4;
        int total = (bytes[2] * 256) + bytes[3];
        total = total == 0 && isCapture ? bytes.Length : total;
        bool moreFragments = (bytes[6] & 0x20) != 0;
        int fragmentOffset = ((bytes[6] & 0x1F) * 256) + bytes[7];
        bool isFine = header >= 20 && total >= header && bytes[9] == 6 && !moreFragments && fragmentOffset == 0;
        return isFine ? (header, total) : null;
    }

    private static (int Tcp, int End)? FindInIPv6(byte[] bytes, bool isCapture)
    {
        if (bytes.Length < 40)
        {
            return null;
        }

        int payload = (bytes[4] * 256) + bytes[5];
        int end = payload == 0 && isCapture ? bytes.Length : 40 + payload;
        int next = bytes[6];
        int at = 40;
        for (int headers = 0; next != 6; headers++)
        {
            if (headers == 8 || next is not (0 or 43 or 44 or 51 or 60 or 135) || at + 8 > end || at + 8 > bytes.Length)
            {
                return null;
            }

            // a fragment header with offset 0 and no more fragments is a whole packet (RFC 6946)
            bool isFragment = next == 44 && (bytes[at + 2] != 0 || (bytes[at + 3] & 0xF9) != 0);
            int length = next == 44 ? 8 : next == 51 ? (bytes[at + 1] + 2) * 4 : (bytes[at + 1] + 1) * 8;
            if (isFragment || at + length > end)
            {
                return null;
            }

            next = bytes[at];
            at += length;
        }

        return (at, end);
    }
}
