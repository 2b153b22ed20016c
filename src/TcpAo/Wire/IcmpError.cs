// RFC 792 and RFC 4443 section 3: ICMP errors that quote a TCP segment.

using System.Buffers.Binary;
using TcpAo.Keys;

namespace TcpAo.Wire;

/// <summary>An ICMP error (ICMPv4 type 3, ICMPv6 types 1 and 2) that quotes the beginning of a TCP segment.</summary>
public readonly record struct IcmpError
{
    private const int Icmpv4Header = 8;
    private const byte ProtocolTcp = 6;
    private const byte ProtocolIcmpv4 = 1;
    private const byte ProtocolIcmpv6 = 58;
    private const byte FragmentHeader = 44;
    private const byte AuthenticationHeader = 51;

    /// <summary>Whether the error came over IPv6.</summary>
    public bool IsIPv6 { get; private init; }

    /// <summary>Where the ICMP header begins in the packet.</summary>
    public int IcmpOffset { get; private init; }

    /// <summary>Whether it says that a packet was too big: ICMPv4 type 3 code 4, ICMPv6 type 2.</summary>
    public bool IsTooBig => IsIPv6 ? Type == 2 : Type == 3 && Code == 4;

    /// <summary>ICMP type.</summary>
    public byte Type { get; private init; }

    /// <summary>ICMP code.</summary>
    public byte Code { get; private init; }

    /// <summary>Source address of the quoted segment: its sender, who gets the error.</summary>
    public IpAddressBits QuotedSource { get; private init; }

    /// <summary>Destination address of the quoted segment.</summary>
    public IpAddressBits QuotedDestination { get; private init; }

    /// <summary>Source port of the quoted segment.</summary>
    public ushort QuotedSourcePort { get; private init; }

    /// <summary>Destination port of the quoted segment.</summary>
    public ushort QuotedDestinationPort { get; private init; }

    /// <summary>Where the quoted TCP header begins in the packet.</summary>
    public int QuotedTcpOffset { get; private init; }

    /// <summary>Sequence number of the quoted segment; null where the quote is too short.</summary>
    public uint? QuotedSequence { get; private init; }

    /// <summary>
    /// Whether RFC 5925 section 7.8 has it ignored: ICMPv4 type 3 codes 2 to 4 (protocol or port unreachable, fragmentation needed),
    /// ICMPv6 type 1 codes 1 and 4 (prohibited, port unreachable).
    /// </summary>
    public bool IsHard => IsIPv6 ? Type == 1 && Code is 1 or 4 : Type == 3 && Code is 2 or 3 or 4;

    /// <summary>Reads an IP packet.</summary>
    /// <returns>False when it is no such error or is too short; then <paramref name="error"/> is empty.</returns>
    public static bool TryParse(ReadOnlySpan<byte> packet, out IcmpError error)
    {
        error = default;
        return !packet.IsEmpty && (packet[0] >> 4) switch
        {
            4 => TryParseIPv4(packet, out error),
            6 => TryParseIPv6(packet, out error),
            _ => false,
        };
    }

    /// <summary>Moves the quoted sequence number by 2^31, which is outside every window, and brings the checksum up to date: a stack ignores such an error.</summary>
    /// <param name="packet">The whole packet.</param>
    /// <param name="error">What <see cref="TryParse"/> read in it.</param>
    /// <returns>False where the quote has no sequence number.</returns>
    public static bool MoveQuoteOutOfWindow(Span<byte> packet, in IcmpError error)
    {
        if (error.QuotedSequence is null)
        {
            return false;
        }

        const int ChecksumOffset = 2;
        Span<byte> icmp = packet[error.IcmpOffset..];
        Span<byte> word = packet.Slice(error.QuotedTcpOffset + 4, 2);
        ushort before = BinaryPrimitives.ReadUInt16BigEndian(word);
        ushort after = (ushort)(before ^ 0x8000);
        BinaryPrimitives.WriteUInt16BigEndian(word, after);

        // both offsets are even from the start of the ICMP header
        ushort checksum = BinaryPrimitives.ReadUInt16BigEndian(icmp[ChecksumOffset..]);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[ChecksumOffset..], InternetChecksum.Update(checksum, before, after));
        return true;
    }

    private static bool TryParseIPv4(ReadOnlySpan<byte> packet, out IcmpError error)
    {
        error = default;
        if (!TrySplitIPv4(packet, ProtocolIcmpv4, isQuote: false, out ReadOnlySpan<byte> icmp) || icmp.Length < Icmpv4Header || icmp[0] != 3)
        {
            return false;
        }

        ReadOnlySpan<byte> quoted = icmp[Icmpv4Header..];
        if (!TrySplitIPv4(quoted, ProtocolTcp, isQuote: true, out ReadOnlySpan<byte> tcp) || tcp.Length < 4)
        {
            return false;
        }

        error = Create(false, packet.Length - icmp.Length, packet.Length - tcp.Length, icmp, quoted.Slice(12, 4), quoted.Slice(16, 4), tcp);
        return true;
    }

    private static bool TryParseIPv6(ReadOnlySpan<byte> packet, out IcmpError error)
    {
        error = default;
        if (!TrySplitIPv6(packet, ProtocolIcmpv6, isQuote: false, out ReadOnlySpan<byte> icmp) || icmp.Length < Icmpv4Header || icmp[0] is not (1 or 2))
        {
            return false;
        }

        ReadOnlySpan<byte> quoted = icmp[Icmpv4Header..];
        if (!TrySplitIPv6(quoted, ProtocolTcp, isQuote: true, out ReadOnlySpan<byte> tcp) || tcp.Length < 4)
        {
            return false;
        }

        error = Create(true, packet.Length - icmp.Length, packet.Length - tcp.Length, icmp, quoted.Slice(8, 16), quoted.Slice(24, 16), tcp);
        return true;
    }

    private static IcmpError Create(bool isIPv6, int icmpOffset, int tcpOffset, ReadOnlySpan<byte> icmp, ReadOnlySpan<byte> source, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> tcp) => new()
    {
        IsIPv6 = isIPv6,
        IcmpOffset = icmpOffset,
        QuotedTcpOffset = tcpOffset,
        Type = icmp[0],
        Code = icmp[1],
        QuotedSource = IpAddressBits.FromBytes(source),
        QuotedDestination = IpAddressBits.FromBytes(destination),
        QuotedSourcePort = BinaryPrimitives.ReadUInt16BigEndian(tcp),
        QuotedDestinationPort = BinaryPrimitives.ReadUInt16BigEndian(tcp[2..]),
        QuotedSequence = tcp.Length >= 8 ? BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]) : null,
    };

    // A quote is read as Linux reads it: version and fragment offset do not count, or a forger would set them to slip by.
    private static bool TrySplitIPv4(ReadOnlySpan<byte> packet, byte protocol, bool isQuote, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (packet.Length < 20 || (!isQuote && packet[0] >> 4 != 4) || packet[9] != protocol)
        {
            return false;
        }

        int headerLength = (packet[0] & 0xF) * 4;
        if (headerLength < 20 || headerLength > packet.Length || (!isQuote && (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1FFF) != 0))
        {
            return false;
        }

        body = packet[headerLength..];
        return true;
    }

    private static bool TrySplitIPv6(ReadOnlySpan<byte> packet, byte protocol, bool isQuote, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (packet.Length < 40 || (!isQuote && packet[0] >> 4 != 6))
        {
            return false;
        }

        byte next = packet[6];
        int at = 40;

        // hop-by-hop, routing, destination options, authentication header and a first fragment may stand before, as many as there are
        while (next is 0 or 43 or FragmentHeader or AuthenticationHeader or 60 && at + 8 <= packet.Length)
        {
            if (next == FragmentHeader && (BinaryPrimitives.ReadUInt16BigEndian(packet[(at + 2)..]) & ~7) != 0)
            {
                break;
            }

            int length = next switch
            {
                FragmentHeader => 8,
                AuthenticationHeader => (packet[at + 1] + 2) * 4,
                _ => (packet[at + 1] + 1) * 8,
            };
            next = packet[at];
            at += length;
        }

        if (next != protocol || at > packet.Length)
        {
            return false;
        }

        body = packet[at..];
        return true;
    }
}
