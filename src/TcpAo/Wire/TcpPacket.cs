// The fields of an IP packet that carries one TCP segment: RFC 791 section 3.1, RFC 8200 section 3, RFC 9293 section 3.1,
// RFC 5925 section 2.2. The strict pass that guarantees them is PacketLayout. No checksum is verified here.
using System.Buffers.Binary;

namespace TcpAo.Wire;

/// <summary>
/// A view over one IP packet that carries one whole TCP segment (RFC 9293 section 3.1). It is made by one strict pass,
/// <see cref="TryParse"/>; after <see cref="DropReason.None"/> every property holds. After a refusal no property throws:
/// what was read before the failure stays readable, the rest is empty or zero. The view is void when the buffer changes.
/// </summary>
public readonly ref struct TcpPacket
{
    private const int BaseHeaderLength = 20;

    private readonly PacketLayout _layout;

    private TcpPacket(PacketLayout layout, bool isTruncated)
    {
        _layout = layout;
        IsTruncated = isTruncated;
    }

    /// <summary>A packet that was read before, over the same bytes again.</summary>
    internal TcpPacket(ReadOnlySpan<byte> packet, in PacketShape shape)
    {
        _layout = new PacketLayout
        {
            Bytes = packet[..shape.Length],
            IsIPv6 = shape.IsIPv6,
            HasAddresses = true,
            TcpOffset = shape.TcpOffset,
            TcpHeaderLength = shape.TcpHeaderLength,
            SegmentLength = shape.SegmentLength,
            AoOffset = shape.AoOffset,
            AoLength = shape.AoLength,
            Md5Offset = shape.Md5Offset,
        };
    }

    /// <summary>Where things are in a packet that was read without a refusal and is not cut.</summary>
    internal PacketShape Shape => new(Bytes.Length, IsIPv6, TcpOffset, TcpHeaderLength, SegmentLength, AoOffset, AoLength, Md5Offset);

    /// <summary>The IP packet, cut to the length its IP header gives: link padding is gone (RFC 791 section 3.1).</summary>
    public ReadOnlySpan<byte> Bytes => _layout.Bytes;

    /// <summary>Whether the packet is IPv6 (RFC 8200 section 3).</summary>
    public bool IsIPv6 => _layout.IsIPv6;

    /// <summary>Whether the two addresses were there to read.</summary>
    public bool HasAddresses => _layout.HasAddresses;

    /// <summary>Whether the two ports were there to read.</summary>
    public bool HasPorts => HasTcpBytes(4);

    /// <summary>Whether the packet is a first fragment, which is refused but shows its ports (RFC 791 section 3.2, RFC 8200 section 4.5).</summary>
    public bool IsFirstFragment => _layout.IsFirstFragment;

    /// <summary>
    /// Whether payload is missing from the buffer; only with <see cref="PacketOrigin.Capture"/>. The TCP header with all
    /// its options is there when the parse succeeded.
    /// </summary>
    public bool IsTruncated { get; }

    /// <summary>The source address, 4 or 16 bytes (RFC 791 section 3.1, RFC 8200 section 3).</summary>
    public ReadOnlySpan<byte> SourceAddress => !HasAddresses ? default : IsIPv6 ? Bytes.Slice(8, 16) : Bytes.Slice(12, 4);

    /// <summary>The destination address of the fixed header, 4 or 16 bytes; routing headers are not followed (RFC 8200 section 3).</summary>
    public ReadOnlySpan<byte> DestinationAddress => !HasAddresses ? default : IsIPv6 ? Bytes.Slice(24, 16) : Bytes.Slice(16, 4);

    /// <summary>Where the TCP header begins, from the start of the IP packet; 0 where it was not found.</summary>
    public int TcpOffset => _layout.TcpOffset;

    /// <summary>Length of the TCP header with its options, 20 to 60; 0 where the parse failed before it .</summary>
    public int TcpHeaderLength => _layout.TcpHeaderLength;

    /// <summary>Where the payload begins, from the start of the IP packet.</summary>
    public int PayloadOffset => TcpOffset + TcpHeaderLength;

    /// <summary>
    /// TCP header and payload as sent, from the IP length fields; in a truncated capture more than is there.
    /// </summary>
    public int SegmentLength => _layout.SegmentLength;

    /// <summary>The source port (RFC 9293 section 3.1).</summary>
    public ushort SourcePort => HasPorts ? ReadUInt16(0) : (ushort)0;

    /// <summary>The destination port (RFC 9293 section 3.1).</summary>
    public ushort DestinationPort => HasPorts ? ReadUInt16(2) : (ushort)0;

    /// <summary>The sequence number (RFC 9293 section 3.1).</summary>
    public uint Sequence => HasBaseHeader ? ReadUInt32(4) : 0;

    /// <summary>The acknowledgment number, significant with <see cref="TcpFlags.Ack"/> (RFC 9293 section 3.1).</summary>
    public uint Acknowledgment => HasBaseHeader ? ReadUInt32(8) : 0;

    /// <summary>The control bits (RFC 9293 section 3.1).</summary>
    public TcpFlags Flags => HasBaseHeader ? (TcpFlags)Bytes[TcpOffset + 13] : TcpFlags.None;

    /// <summary>The window, not scaled (RFC 9293 section 3.1).</summary>
    public ushort Window => HasBaseHeader ? ReadUInt16(14) : (ushort)0;

    /// <summary>The checksum field; nobody has verified it (RFC 9293 section 3.1, R-065).</summary>
    public ushort Checksum => HasBaseHeader ? ReadUInt16(16) : (ushort)0;

    /// <summary>The TCP header with its options; empty where the parse failed before it.</summary>
    public ReadOnlySpan<byte> TcpHeader => TcpHeaderLength == 0 ? default : Bytes.Slice(TcpOffset, TcpHeaderLength);

    /// <summary>The option bytes, to be walked with <see cref="TcpOptionEnumerator"/> (RFC 9293 section 3.2).</summary>
    public ReadOnlySpan<byte> Options => TcpHeaderLength == 0 ? default : Bytes[(TcpOffset + BaseHeaderLength)..PayloadOffset];

    /// <summary>The payload as far as it is present.</summary>
    public ReadOnlySpan<byte> Payload => TcpHeaderLength == 0 ? default : Bytes[PayloadOffset..];

    /// <summary>Whether there is a TCP-AO option (RFC 5925 section 2.2, R-001).</summary>
    public bool HasAo => _layout.AoOffset != 0;

    /// <summary>Where the TCP-AO option begins within the TCP header; 0 without one.</summary>
    public int AoOffset => _layout.AoOffset;

    /// <summary>The whole length of the TCP-AO option, 4 to 40; 0 without one .</summary>
    public int AoLength => _layout.AoLength;

    /// <summary>The length of the MAC, 0 to 36 .</summary>
    public int MacLength => HasAo ? AoLength - 4 : 0;

    /// <summary>KeyID of the TCP-AO option .</summary>
    public byte KeyId => HasAo ? Bytes[TcpOffset + AoOffset + 2] : (byte)0;

    /// <summary>RNextKeyID of the TCP-AO option .</summary>
    public byte RNextKeyId => HasAo ? Bytes[TcpOffset + AoOffset + 3] : (byte)0;

    /// <summary>The MAC of the TCP-AO option; empty without one.</summary>
    public ReadOnlySpan<byte> Mac => HasAo ? Bytes.Slice(TcpOffset + AoOffset + 4, MacLength) : default;

    /// <summary>Whether there is a TCP MD5 option (RFC 2385 section 3).</summary>
    public bool HasMd5 => _layout.Md5Offset != 0;

    /// <summary>Where the TCP MD5 option begins within the TCP header; 0 without one.</summary>
    public int Md5Offset => _layout.Md5Offset;

    /// <summary>The 16 bytes of the TCP MD5 digest (RFC 2385 section 3); empty without the option.</summary>
    public ReadOnlySpan<byte> Md5Digest => HasMd5 ? Bytes.Slice(TcpOffset + Md5Offset + 2, 16) : default;

    /// <summary>The sequence numbers the segment takes: payload as sent, SYN and FIN (RFC 9293 section 3.4).</summary>
    public uint SegmentSequenceLength
    {
        get
        {
            if (TcpHeaderLength == 0)
            {
                return 0;
            }

            TcpFlags flags = Flags;
            return (uint)(SegmentLength - TcpHeaderLength)
                + ((flags & TcpFlags.Syn) != TcpFlags.None ? 1u : 0u)
                + ((flags & TcpFlags.Fin) != TcpFlags.None ? 1u : 0u);
        }
    }

    private bool HasBaseHeader => HasTcpBytes(BaseHeaderLength);

    /// <summary>Reads a packet; never throws and allocates nothing.</summary>
    /// <param name="packet">The bytes from the IP version on; what follows the packet is ignored.</param>
    /// <param name="result">The view; after a refusal it shows what was read before the failure.</param>
    /// <param name="origin">Live traffic or a capture, which may be cut.</param>
    /// <returns><see cref="DropReason.None"/>, or the first rule that the packet breaks (R-002 to R-005 among them).</returns>
    public static DropReason TryParse(ReadOnlySpan<byte> packet, out TcpPacket result, PacketOrigin origin = PacketOrigin.Network)
    {
        DropReason reason = PacketLayout.Read(packet, origin, out PacketLayout layout);
        result = new TcpPacket(layout, layout.IsShort && origin == PacketOrigin.Capture);
        return reason;
    }

    private bool HasTcpBytes(int count) => TcpOffset != 0 && Bytes.Length - TcpOffset >= count;

    private ushort ReadUInt16(int offset) => BinaryPrimitives.ReadUInt16BigEndian(Bytes[(TcpOffset + offset)..]);

    private uint ReadUInt32(int offset) => BinaryPrimitives.ReadUInt32BigEndian(Bytes[(TcpOffset + offset)..]);
}
