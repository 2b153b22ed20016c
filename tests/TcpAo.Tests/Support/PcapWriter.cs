using System.Buffers.Binary;
using System.Text;

namespace TcpAo.Tests.Support;

/// <summary>
/// Writes capture files byte by byte as draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng lay them out, right or, with
/// the fields given by hand, wrong.
/// </summary>
internal sealed class PcapWriter(bool bigEndian = false)
{
    public const uint Microseconds = 0xA1B2C3D4;
    public const uint Nanoseconds = 0xA1B23C4D;
    public const uint Modified = 0xA1B2CD34;

    private readonly List<byte> _file = [];
    private bool _hasLongRecords;

    public int Length => _file.Count;

    public byte[] ToArray() => [.. _file];

    public PcapWriter FileHeader(uint magic = Microseconds, uint linkType = 1, ushort major = 2)
    {
        _hasLongRecords = magic == Modified;
        return U32(magic).U16(major).U16(4).U32(0).U32(0).U32(262144).U32(linkType);
    }

    /// <summary>A pcap record; <paramref name="fraction"/> is in the unit of the file's magic number.</summary>
    public PcapWriter Record(uint seconds, uint fraction, ReadOnlySpan<byte> data, uint? originalLength = null, uint? capturedLength = null)
    {
        U32(seconds).U32(fraction).U32(capturedLength ?? (uint)data.Length).U32(originalLength ?? (uint)data.Length);
        if (_hasLongRecords)
        {
            U32(7).U16(0x0800).U16(0);
        }

        return Bytes(data);
    }

    public PcapWriter Section(ushort major = 1, params (ushort Code, byte[] Value)[] options) =>
        Block(0x0A0D0D0A, body => body.U32(0x1A2B3C4D).U16(major).U16(0).U32(uint.MaxValue).U32(uint.MaxValue).Options(options));

    public PcapWriter Interface(ushort linkType = 1, uint snapLength = 0, params (ushort Code, byte[] Value)[] options) =>
        Block(1, body => body.U16(linkType).U16(0).U32(snapLength).Options(options));

    public PcapWriter EnhancedPacket(uint interfaceId, ulong time, byte[] data, uint? originalLength = null, uint? capturedLength = null, params (ushort Code, byte[] Value)[] options) =>
        Block(6, body => body.U32(interfaceId).Packet(time, data, originalLength, capturedLength).Options(options));

    public PcapWriter ObsoletePacket(ushort interfaceId, ulong time, byte[] data, uint? originalLength = null) =>
        Block(2, body => body.U16(interfaceId).U16(ushort.MaxValue).Packet(time, data, originalLength, null));

    public PcapWriter SimplePacket(byte[] data, uint? originalLength = null) =>
        Block(3, body => body.U32(originalLength ?? (uint)data.Length).Bytes(data).Pad());

    public PcapWriter NameResolution() => Block(4, body => body.U16(1).U16(8).Bytes([192, 0, 2, 1]).Bytes("abc\0"u8).U32(0));

    /// <summary>Any block; the two lengths are right unless given.</summary>
    public PcapWriter Block(uint type, Action<PcapWriter> write, uint? length = null, uint? trailer = null)
    {
        PcapWriter body = new(bigEndian);
        write(body);
        uint total = (uint)body.Length + 12;
        return U32(type).U32(length ?? total).Bytes(body.ToArray()).U32(trailer ?? length ?? total);
    }

    public PcapWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _file.AddRange(bytes);
        return this;
    }

    public PcapWriter Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    public PcapWriter U16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        return Bytes(bytes);
    }

    public PcapWriter U32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        return Bytes(bytes);
    }

    /// <summary>The eight bytes of a number in the file's order, for an option.</summary>
    public byte[] Number(long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        return bytes;
    }

    private PcapWriter Packet(ulong time, byte[] data, uint? originalLength, uint? capturedLength) =>
        U32((uint)(time >> 32)).U32((uint)time).U32(capturedLength ?? (uint)data.Length).U32(originalLength ?? (uint)data.Length).Bytes(data).Pad();

    private PcapWriter Options((ushort Code, byte[] Value)[] options)
    {
        foreach ((ushort code, byte[] value) in options)
        {
            U16(code).U16((ushort)value.Length).Bytes(value).Pad();
        }

        return options.Length == 0 ? this : U32(0);
    }

    private PcapWriter Pad() => Bytes(new byte[-Length & 3]);
}
