// What TCP segmentation offload would do (Documentation/networking/segmentation-offloads.rst): RFC 9293 sequence numbers, RFC 791 identification.
using System.Buffers.Binary;
using TcpAo.Linux.Interop;
using TcpAo.Wire;

namespace TcpAo.Linux.Tun;

/// <summary>
/// Takes packets of a <see cref="TunDevice"/> and makes the segments of them that go on the wire, each with final checksums and room to be signed, all in one
/// buffer. One thread uses it; nothing is allocated after it was made.
/// </summary>
public sealed class SegmentSlicer
{
    private const int IPv6HeaderLength = 40;
    private const int FlagsOffset = 13;
    private const int ChecksumOffset = 16;
    private const byte ProtocolTcp = 6;
    private const int Alignment = 64;

    // some jumbo frames, and many of the usual ones
    private const int BufferBytes = 640 * 1024;

    private readonly byte[] _source = GC.AllocateUninitializedArray<byte>(TunDevice.MaxPacket, pinned: true);
    private readonly (int Offset, int Length, int Room)[] _segments;
    private readonly int _growRoom;
    private int _next;

    // the packet that is being cut: where it is at, and what its segments have in common
    private int _at;
    private int _length;
    private int _headerLength;
    private int _tcpOffset;
    private int _segmentPayload;
    private ushort _addressSum;
    private ushort _index;

    /// <summary>Creates one without segments.</summary>
    /// <param name="capacity">Segments at a time.</param>
    /// <param name="growRoom">Bytes of room behind each.</param>
    public SegmentSlicer(int capacity, int growRoom)
    {
        _segments = new (int, int, int)[capacity];
        _growRoom = growRoom;
    }

    /// <summary>The buffer that the segments lie in; pinned.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    /// <summary>Segments that there are.</summary>
    public int Count { get; private set; }

    /// <summary>Where a segment lies: its first byte, its length, and the bytes from its first on that are free to be changed.</summary>
    public (int Offset, int Length, int Room) this[int index] => _segments[index];

    /// <summary>Forgets the segments, and takes others: first what is left of the last packet, then what the device has.</summary>
    /// <param name="device">The device.</param>
    /// <returns>How many there are now; 0 when the device has none.</returns>
    public int Fill(TunDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Count = 0;
        _next = 0;
        while (HasRoom())
        {
            if (_at < _length)
            {
                Cut();
                continue;
            }

            int length = device.TryRead(_source, out VirtioHeader header);
            if (length == 0)
            {
                break;
            }

            Begin(length, header);
        }

        return Count;
    }

    /// <summary>Whether another segment, however long, fits.</summary>
    private bool HasRoom() => Count < _segments.Length && _next + TunDevice.MaxPacket + _growRoom <= Buffer.Length;

    private void Begin(int length, in VirtioHeader header)
    {
        _at = _length = 0;

        // what else the kernel says on a new device, such as router solicitations
        if (TcpPacket.TryParse(_source.AsSpan(0, length), out TcpPacket packet) != DropReason.None)
        {
            return;
        }

        if (header.GsoType == VirtioHeader.VIRTIO_NET_HDR_GSO_NONE || header.GsoSize == 0)
        {
            Span<byte> whole = Add(packet.Bytes.Length);
            packet.Bytes.CopyTo(whole);
            if ((header.Flags & VirtioHeader.VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0)
            {
                TcpPacketEditor.RewriteTcpChecksum(whole, whole.Length);
            }

            return;
        }

        _segmentPayload = header.GsoSize;
        _headerLength = packet.PayloadOffset;
        _tcpOffset = packet.TcpOffset;
        _addressSum = InternetChecksum.Add(InternetChecksum.Sum(packet.SourceAddress), InternetChecksum.Sum(packet.DestinationAddress));
        _index = 0;
        _at = _headerLength;
        _length = packet.Bytes.Length;
    }

    private void Cut()
    {
        int payload = Math.Min(_segmentPayload, _length - _at);
        bool isLast = _at + payload == _length;
        Span<byte> segment = Add(_headerLength + payload);
        _source.AsSpan(0, _headerLength).CopyTo(segment);
        _source.AsSpan(_at, payload).CopyTo(segment[_headerLength..]);
        if (segment[0] >> 4 == 6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)(segment.Length - IPv6HeaderLength));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(segment[2..], (ushort)segment.Length);
            BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)(BinaryPrimitives.ReadUInt16BigEndian(segment[4..]) + _index));
            BinaryPrimitives.WriteUInt16BigEndian(segment[10..], InternetChecksum.ComputeIPv4Header(segment[.._tcpOffset]));
        }

        Span<byte> tcp = segment[_tcpOffset..];
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]) + (uint)(_at - _headerLength));
        ref byte flags = ref tcp[FlagsOffset];
        flags &= (byte)~((isLast ? TcpFlags.None : TcpFlags.Fin | TcpFlags.Psh) | (_index == 0 ? TcpFlags.None : TcpFlags.Cwr));
        tcp.Slice(ChecksumOffset, 2).Clear();
        ushort pseudo = InternetChecksum.Add(_addressSum, InternetChecksum.Add(ProtocolTcp, (ushort)tcp.Length));
        BinaryPrimitives.WriteUInt16BigEndian(tcp[ChecksumOffset..], (ushort)~InternetChecksum.Sum(tcp, pseudo));
        _at += payload;
        _index++;
    }

    private Span<byte> Add(int length)
    {
        int offset = _next;
        int room = (length + _growRoom + Alignment - 1) & -Alignment;
        _segments[Count++] = (offset, length, room);
        _next += room;
        return Buffer.AsSpan(offset, length);
    }
}
