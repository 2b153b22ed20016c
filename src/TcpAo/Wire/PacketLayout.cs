// One strict pass over an IP packet: RFC 791 section 3.1, RFC 8200 sections 3 and 4, RFC 9293 section 3.1, RFC 5925
// section 2.2. Left out: reassembly, jumbograms on the network (RFC 2675), tunnels, and the final destination of a
// routing header: addresses are those of the fixed header.
using System.Buffers.Binary;

namespace TcpAo.Wire;

/// <summary>
/// Where things are in a packet. <see cref="Read"/> fills the fields in the order in which it learns them, so that
/// after a failure those before it hold.
/// </summary>
internal ref struct PacketLayout
{
    private const int IPv4HeaderMinimum = 20;
    private const int IPv6HeaderLength = 40;
    private const int TcpHeaderMinimum = 20;
    private const int ExtensionHeadersMaximum = 8;

    private const byte HopByHop = 0;
    private const byte Tcp = 6;
    private const byte Routing = 43;
    private const byte Fragment = 44;
    private const byte AuthenticationHeader = 51;
    private const byte DestinationOptions = 60;
    private const byte Mobility = 135;

    /// <summary>The packet, cut to the length its IP header gives.</summary>
    public ReadOnlySpan<byte> Bytes;

    /// <summary>The version is 6.</summary>
    public bool IsIPv6;

    /// <summary>The fixed IP header is there.</summary>
    public bool HasAddresses;

    /// <summary>A fragment with offset zero.</summary>
    public bool IsFirstFragment;

    /// <summary>The buffer ends before the packet does.</summary>
    public bool IsShort;

    /// <summary>Start of the TCP header; 0 while unknown.</summary>
    public int TcpOffset;

    /// <summary>Length of the TCP header; 0 until it proved right and present.</summary>
    public int TcpHeaderLength;

    /// <summary>TCP header and payload as sent.</summary>
    public int SegmentLength;

    /// <summary>Start of the first TCP-AO option in the TCP header; 0 without one.</summary>
    public int AoOffset;

    /// <summary>Its whole length.</summary>
    public int AoLength;

    /// <summary>Start of the first TCP MD5 option in the TCP header; 0 without one.</summary>
    public int Md5Offset;

    /// <summary>Reads <paramref name="packet"/>. After <see cref="DropReason.None"/> all offsets lie within <see cref="Bytes"/>.</summary>
    public static DropReason Read(ReadOnlySpan<byte> packet, PacketOrigin origin, out PacketLayout layout)
    {
        layout = default;
        layout.Bytes = packet;
        if (packet.IsEmpty)
        {
            return DropReason.PacketTruncated;
        }

        DropReason reason;
        switch (packet[0] >> 4)
        {
            case 4:
                reason = layout.ReadIPv4(origin);
                break;
            case 6:
                layout.IsIPv6 = true;
                reason = layout.ReadIPv6(origin);
                break;
            default:
                return DropReason.IpVersionUnknown;
        }

        if (reason == DropReason.None)
        {
            reason = layout.ReadTcp();
        }

        // A short packet from the network is refused whatever else is wrong with it, but only after its ports are known.
        return layout.IsShort && origin == PacketOrigin.Network ? DropReason.PacketTruncated : reason;
    }

    private DropReason ReadIPv4(PacketOrigin origin)
    {
        if (Bytes.Length < IPv4HeaderMinimum)
        {
            return DropReason.PacketTruncated;
        }

        HasAddresses = true;
        int headerLength = (Bytes[0] & 0x0F) * 4;
        if (headerLength < IPv4HeaderMinimum)
        {
            return DropReason.IpHeaderLength;
        }

        int totalLength = BinaryPrimitives.ReadUInt16BigEndian(Bytes[2..]);
        if (totalLength == 0 && origin == PacketOrigin.Capture)
        {
            totalLength = Bytes.Length;
        }

        if (totalLength < headerLength)
        {
            return DropReason.IpTotalLength;
        }

        CutTo(totalLength);
        if (Bytes[9] != Tcp)
        {
            return DropReason.NotTcp;
        }

        int fragment = BinaryPrimitives.ReadUInt16BigEndian(Bytes[6..]) & 0x3FFF;
        bool isFragment = fragment != 0;
        IsFirstFragment = isFragment && (fragment & 0x1FFF) == 0;
        if (!isFragment || IsFirstFragment)
        {
            TcpOffset = headerLength;
            SegmentLength = totalLength - headerLength;
        }

        return isFragment ? DropReason.IpFragment : DropReason.None;
    }

    private DropReason ReadIPv6(PacketOrigin origin)
    {
        if (Bytes.Length < IPv6HeaderLength)
        {
            return DropReason.PacketTruncated;
        }

        HasAddresses = true;
        int payloadLength = BinaryPrimitives.ReadUInt16BigEndian(Bytes[4..]);
        if (payloadLength == 0 && origin == PacketOrigin.Capture)
        {
            payloadLength = Bytes.Length - IPv6HeaderLength;
        }

        int end = IPv6HeaderLength + payloadLength;
        CutTo(end);
        return ReadExtensionHeaders(end);
    }

    /// <summary>RFC 8200 section 4; the authentication header is RFC 4302, mobility RFC 6275.</summary>
    private DropReason ReadExtensionHeaders(int end)
    {
        int offset = IPv6HeaderLength;
        byte next = Bytes[6];
        for (int count = 0; next != Tcp; count++)
        {
            if (!IsExtensionHeader(next))
            {
                return DropReason.NotTcp;
            }

            if (count == ExtensionHeadersMaximum || offset + 8 > end)
            {
                return DropReason.Ipv6ExtensionHeader;
            }

            if (offset + 8 > Bytes.Length)
            {
                return DropReason.PacketTruncated;
            }

            byte current = next;
            next = Bytes[offset];

            // Offset 0 and no more fragments: an atomic fragment is a whole packet (RFC 6946 section 4).
            int fragment = current == Fragment ? BinaryPrimitives.ReadUInt16BigEndian(Bytes[(offset + 2)..]) & 0xFFF9 : 0;
            if (fragment > 1)
            {
                return next == Tcp || IsExtensionHeader(next) ? DropReason.IpFragment : DropReason.NotTcp;
            }

            IsFirstFragment |= fragment == 1;
            offset += current switch
            {
                Fragment => 8,
                AuthenticationHeader => (Bytes[offset + 1] + 2) * 4,
                _ => (Bytes[offset + 1] + 1) * 8,
            };
            if (offset > end)
            {
                return DropReason.Ipv6ExtensionHeader;
            }
        }

        TcpOffset = offset;
        SegmentLength = end - offset;
        return IsFirstFragment ? DropReason.IpFragment : DropReason.None;
    }

    private static bool IsExtensionHeader(byte protocol) =>
        protocol is HopByHop or Routing or Fragment or AuthenticationHeader or DestinationOptions or Mobility;

    /// <summary>Drops link padding, or notes that the packet goes on behind the buffer.</summary>
    private void CutTo(int length)
    {
        IsShort = Bytes.Length < length;
        if (!IsShort)
        {
            Bytes = Bytes[..length];
        }
    }

    private DropReason ReadTcp()
    {
        if (SegmentLength < TcpHeaderMinimum)
        {
            return DropReason.IpTotalLength;
        }

        if (Bytes.Length < TcpOffset + TcpHeaderMinimum)
        {
            return DropReason.PacketTruncated;
        }

        int headerLength = (Bytes[TcpOffset + 12] >> 4) * 4;
        if (headerLength < TcpHeaderMinimum || headerLength > SegmentLength)
        {
            return DropReason.TcpHeaderLength;
        }

        if (Bytes.Length < TcpOffset + headerLength)
        {
            return DropReason.PacketTruncated;
        }

        TcpHeaderLength = headerLength;
        return ReadOptions(Bytes.Slice(TcpOffset, headerLength));
    }

    /// <summary>RFC 9293 section 3.2, and for kinds 19 and 29 what RFC 2385 section 3 and RFC 5925 section 2.2 ask.</summary>
    private DropReason ReadOptions(ReadOnlySpan<byte> header)
    {
        int offset = TcpHeaderMinimum;
        while (offset < header.Length)
        {
            var kind = (TcpOptionKind)header[offset];
            if (kind == TcpOptionKind.EndOfList)
            {
                break;
            }

            if (kind == TcpOptionKind.NoOperation)
            {
                offset++;
                continue;
            }

            if (offset + 1 == header.Length)
            {
                return DropReason.TcpOptionLength;
            }

            int length = header[offset + 1];
            DropReason reason = kind switch
            {
                TcpOptionKind.TcpAo when length < 4 => DropReason.AoLength,
                _ when offset + length > header.Length => DropReason.TcpOptionLength,
                TcpOptionKind.TcpAo => NoteAo(offset, length),
                TcpOptionKind.Md5Signature => NoteMd5(offset, length),
                _ when length < 2 => DropReason.TcpOptionLength,
                _ => DropReason.None,
            };
            if (reason != DropReason.None)
            {
                return reason;
            }

            offset += length;
        }

        return DropReason.None;
    }

    private DropReason NoteAo(int offset, int length)
    {
        if (AoOffset != 0)
        {
            return DropReason.AoDuplicate;
        }

        AoOffset = offset;
        AoLength = length;
        return Md5Offset == 0 ? DropReason.None : DropReason.AoWithMd5;
    }

    private DropReason NoteMd5(int offset, int length)
    {
        if (length != 18)
        {
            return DropReason.Md5Length;
        }

        if (Md5Offset != 0)
        {
            return DropReason.Md5Duplicate;
        }

        Md5Offset = offset;
        return AoOffset == 0 ? DropReason.None : DropReason.AoWithMd5;
    }
}
