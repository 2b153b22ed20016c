// netlink(7): messages and attributes, each aligned to four bytes; nested attributes know their length only at their end.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace TcpAo.Linux.Netlink;

/// <summary>Writes netlink messages one behind the other. Grows, and is used again: rule sets come to megabytes.</summary>
internal sealed class NetlinkBuffer
{
    private byte[] _bytes;
    private int _length;
    private int _message;

    public NetlinkBuffer(int capacity = 1024)
    {
        _bytes = new byte[capacity];
    }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public int Length => _length;

    public void Clear() => _length = 0;

    /// <summary>Begins a message; <see cref="End"/> ends it.</summary>
    public void Begin(ushort type, int flags, uint sequence)
    {
        _message = _length;
        Span<byte> header = Append(NetlinkUapi.HeaderLength);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], (ushort)flags);
        MemoryMarshal.Write(header[8..], sequence);
    }

    /// <summary>Begins a message of the netfilter family: struct nfgenmsg behind the header.</summary>
    public void BeginNetfilter(int subsystem, int type, int flags, uint sequence, byte family, ushort resource)
    {
        Begin((ushort)((subsystem << 8) | type), flags, sequence);
        Span<byte> header = Append(NetlinkUapi.NetfilterHeaderLength);
        header[0] = family;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], resource);
    }

    public void End() => MemoryMarshal.Write(_bytes.AsSpan(_message), _length - _message);

    /// <summary>Adds zeroed bytes, then padding.</summary>
    public Span<byte> Append(int length)
    {
        int padded = NetlinkUapi.Align(length);
        if (_length + padded > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + padded));
        }

        Span<byte> added = _bytes.AsSpan(_length, padded);
        added.Clear();
        _length += padded;
        return added[..length];
    }

    /// <summary>Adds an attribute whose value the caller fills in.</summary>
    public Span<byte> Reserve(ushort type, int length)
    {
        Span<byte> attribute = Append(NetlinkUapi.AttributeHeaderLength + length);
        MemoryMarshal.Write(attribute, (ushort)(NetlinkUapi.AttributeHeaderLength + length));
        MemoryMarshal.Write(attribute[2..], type);
        return attribute[NetlinkUapi.AttributeHeaderLength..];
    }

    public void Put(ushort type, scoped ReadOnlySpan<byte> value) => value.CopyTo(Reserve(type, value.Length));

    public void PutU8(ushort type, byte value) => Reserve(type, 1)[0] = value;

    /// <summary>In the byte order of the machine, as rtnetlink has it.</summary>
    public void PutU32(ushort type, uint value) => MemoryMarshal.Write(Reserve(type, 4), value);

    /// <summary>In network byte order, as netfilter has it.</summary>
    public void PutU16Network(ushort type, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(type, 2), value);

    /// <summary>In network byte order, as netfilter has it.</summary>
    public void PutU32Network(ushort type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(type, 4), value);

    /// <summary>With a zero byte behind it.</summary>
    public void PutString(ushort type, string value) => Encoding.UTF8.GetBytes(value, Reserve(type, Encoding.UTF8.GetByteCount(value) + 1));

    /// <summary>Begins an attribute of attributes.</summary>
    /// <returns>What <see cref="EndNested"/> wants.</returns>
    public int BeginNested(ushort type)
    {
        int at = _length;
        MemoryMarshal.Write(Append(NetlinkUapi.AttributeHeaderLength)[2..], (ushort)(type | NetlinkUapi.NLA_F_NESTED));
        return at;
    }

    /// <exception cref="InvalidOperationException">The attribute is longer than its length field can say.</exception>
    public void EndNested(int at)
    {
        int length = _length - at;
        if (length > ushort.MaxValue)
        {
            throw new InvalidOperationException($"A netlink attribute of {length} bytes; the most is {ushort.MaxValue}.");
        }

        MemoryMarshal.Write(_bytes.AsSpan(at), (ushort)length);
    }

    /// <summary>Sets NLM_F_ACK on the message that was begun last.</summary>
    public void RequestAck()
    {
        Span<byte> flags = _bytes.AsSpan(_message + 6);
        MemoryMarshal.Write(flags, (ushort)(MemoryMarshal.Read<ushort>(flags) | NetlinkUapi.NLM_F_ACK));
    }
}
