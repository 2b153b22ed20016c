using System.Buffers.Binary;

namespace TcpAo.Capture;

/// <summary>
/// Finds the IP packet in a captured frame, by the link-layer header types of tcpdump.org (the LINKTYPE_ values). Left out:
/// MPLS, tunnels, 802.11, and PPP with compressed headers.
/// </summary>
public static class LinkLayer
{
    private const int Null = 0; // LINKTYPE_ values
    private const int Ethernet = 1;
    private const int Ppp = 9;
    private const int DltRaw = 12; // DLT_RAW on most systems, found in files of old writers
    private const int DltRawOpenBsd = 14;
    private const int Raw = 101;
    private const int Loop = 108;
    private const int LinuxSll = 113;
    private const int IPv4 = 228;
    private const int IPv6 = 229;
    private const int LinuxSll2 = 276;

    private const int TypeIPv4 = 0x0800; // EtherType values
    private const int TypeIPv6 = 0x86DD;
    private const int TypeVlan = 0x8100;
    private const int TypeProviderVlan = 0x88A8;
    private const int TypeOldQinQ = 0x9100;
    private const int TypePppoeSession = 0x8864;
    private const int MaxLengthField = 1500; // up to here the field is an 802.3 length and LLC follows
    private const int SllLlc = 4;            // Linux cooked protocol type: LLC follows

    private const int PppIPv4 = 0x0021;
    private const int PppIPv6 = 0x0057;
    private const int LlcSnap = 0xAAAA; // DSAP and SSAP
    private const int LlcIP = 0x0606;
    private const int LlcUnnumbered = 0x03;

    private const int MaxVlanTags = 4;
    private const int VlanTagLength = 4;
    private const int PppoeLength = 6;
    private const int LlcLength = 3;
    private const int SnapLength = 5;

    /// <summary>
    /// Finds where the IP header begins in a frame of a given link type (tcpdump.org, link-layer header types).
    /// </summary>
    /// <param name="linkType"><see cref="CapturedFrame.LinkType"/>.</param>
    /// <param name="frame"><see cref="CapturedFrame.Data"/>.</param>
    /// <param name="ipOffset">
    /// After true: where the IP header begins, with at least one byte there. IPv4 or IPv6 is for that byte's first four
    /// bits to say; they have not been looked at.
    /// </param>
    /// <returns>False: the frame carries no IP, is cut off before it, or its link type is not supported.</returns>
    public static bool TryGetIPPacket(int linkType, ReadOnlySpan<byte> frame, out int ipOffset)
    {
        ipOffset = linkType switch
        {
            Ethernet => AfterEtherType(frame, 12, isCooked: false),
            LinuxSll => AfterEtherType(frame, 14, isCooked: true),
            LinuxSll2 => AfterLinuxSll2(frame),
            Null or Loop => AfterFamily(frame),
            Raw or DltRaw or DltRawOpenBsd or IPv4 or IPv6 => 0,
            Ppp => AfterPpp(frame),
            _ => -1,
        };

        if ((uint)ipOffset < (uint)frame.Length)
        {
            return true;
        }

        ipOffset = 0;
        return false;
    }

    /// <summary>Whether <see cref="TryGetIPPacket"/> knows a link type (tcpdump.org, link-layer header types).</summary>
    public static bool IsSupported(int linkType) =>
        linkType is Ethernet or LinuxSll or LinuxSll2 or Null or Loop or Raw or DltRaw or DltRawOpenBsd or IPv4 or IPv6 or Ppp;

    /// <summary>
    /// A link type for messages: the name of tcpdump.org's link-layer header types where it is known here, and the number.
    /// </summary>
    public static string NameOf(int linkType)
    {
        string? name = linkType switch
        {
            Null => "NULL",
            Ethernet => "ETHERNET",
            Ppp => "PPP",
            Raw or DltRaw or DltRawOpenBsd => "RAW",
            104 => "C_HDLC",
            105 => "IEEE802_11",
            107 => "FRELAY",
            Loop => "LOOP",
            LinuxSll => "LINUX_SLL",
            127 => "IEEE802_11_RADIOTAP",
            220 => "USB_LINUX_MMAPPED",
            IPv4 => "IPV4",
            IPv6 => "IPV6",
            239 => "NFLOG",
            249 => "USBPCAP",
            252 => "WIRESHARK_UPPER_PDU",
            LinuxSll2 => "LINUX_SLL2",
            _ => null,
        };
        return name is null ? $"link type {linkType}" : $"link type {linkType} ({name})";
    }

    // Each of these returns where the IP header is, or -1. The result may be the frame's end.

    // Ethernet: addresses (12) | tags (4 each) | type (2). Linux cooked: 14 bytes | type (2) | tags as in Ethernet.
    private static int AfterEtherType(ReadOnlySpan<byte> frame, int typeOffset, bool isCooked)
    {
        for (int tags = 0; tags <= MaxVlanTags; tags++)
        {
            if (frame.Length < typeOffset + 2)
            {
                return -1;
            }

            int type = BinaryPrimitives.ReadUInt16BigEndian(frame[typeOffset..]);
            if (type is not (TypeVlan or TypeProviderVlan or TypeOldQinQ))
            {
                return AfterType(type, frame, typeOffset + 2, isCooked && tags == 0);
            }

            typeOffset += VlanTagLength;
        }

        return -1;
    }

    private static int AfterType(int type, ReadOnlySpan<byte> frame, int offset, bool isCooked) => type switch
    {
        TypeIPv4 or TypeIPv6 => offset,
        TypePppoeSession => AfterPppProtocol(frame, offset + PppoeLength),
        _ => (isCooked ? type == SllLlc : type <= MaxLengthField) ? AfterLlc(frame, offset) : -1,
    };

    // protocol (2) | reserved (2) | interface (4) | ARPHRD (2) | packet type (1) | address length (1) | address (8)
    private static int AfterLinuxSll2(ReadOnlySpan<byte> frame)
    {
        const int HeaderLength = 20;
        if (frame.Length < HeaderLength)
        {
            return -1;
        }

        int type = BinaryPrimitives.ReadUInt16BigEndian(frame);
        return type is TypeVlan or TypeProviderVlan or TypeOldQinQ
            ? AfterEtherType(frame, HeaderLength + VlanTagLength - 2, isCooked: false)
            : AfterType(type, frame, HeaderLength, isCooked: true);
    }

    // LLC (RFC 1042): DSAP | SSAP | control; SNAP: organization (3) | EtherType (2).
    private static int AfterLlc(ReadOnlySpan<byte> frame, int offset)
    {
        if (frame.Length < offset + LlcLength || frame[offset + 2] != LlcUnnumbered)
        {
            return -1;
        }

        int access = BinaryPrimitives.ReadUInt16BigEndian(frame[offset..]);
        offset += LlcLength;
        if (access != LlcSnap)
        {
            return access == LlcIP ? offset : -1;
        }

        return frame.Length >= offset + SnapLength
            && frame[offset..].StartsWith((ReadOnlySpan<byte>)[0, 0, 0])
            && BinaryPrimitives.ReadUInt16BigEndian(frame[(offset + 3)..]) is TypeIPv4 or TypeIPv6
            ? offset + SnapLength
            : -1;
    }

    // A 4-byte address family, in the order of the capturing host (NULL) or of the network (LOOP). It is a small number: that tells the order.
    private static int AfterFamily(ReadOnlySpan<byte> frame)
    {
        const int FamilyLength = 4;
        if (frame.Length < FamilyLength)
        {
            return -1;
        }

        uint family = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (family > ushort.MaxValue)
        {
            family = BinaryPrimitives.ReverseEndianness(family);
        }

        // AF_INET; AF_INET6 of Linux, of NetBSD, OpenBSD and Npcap, of FreeBSD, of Darwin.
        return family is 2 or 10 or 24 or 28 or 30 ? FamilyLength : -1;
    }

    // Address and control (FF 03) may be left out.
    private static int AfterPpp(ReadOnlySpan<byte> frame) => AfterPppProtocol(frame, frame.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x03]) ? 2 : 0);

    // The protocol (RFC 1661 section 2) has two bytes, or one when that one is odd.
    private static int AfterPppProtocol(ReadOnlySpan<byte> frame, int offset)
    {
        if (frame.Length < offset + 2)
        {
            return -1;
        }

        int protocol = frame[offset];
        int length = 1;
        if ((protocol & 1) == 0)
        {
            protocol = (protocol << 8) | frame[offset + 1];
            length = 2;
        }

        return protocol is PppIPv4 or PppIPv6 ? offset + length : -1;
    }
}
