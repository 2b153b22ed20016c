using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace TcpAo.Linux.Netlink;

/// <summary>Walks over the attributes of a message or of a nested attribute (netlink(7), struct nlattr); stops where they stop making sense.</summary>
internal ref struct NetlinkAttributes
{
    private ReadOnlySpan<byte> _rest;

    public NetlinkAttributes(ReadOnlySpan<byte> bytes)
    {
        _rest = bytes;
        Value = default;
        Type = 0;
    }

    /// <summary>Type of the current attribute without its flags.</summary>
    public int Type { get; private set; }

    /// <summary>Value of the current attribute.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public readonly uint U32 => Value.Length >= 4 ? MemoryMarshal.Read<uint>(Value) : 0;

    public readonly uint U32Network => Value.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(Value) : 0;

    public readonly ulong U64Network => Value.Length >= 8 ? BinaryPrimitives.ReadUInt64BigEndian(Value) : 0;

    public readonly string Text => Encoding.UTF8.GetString(Value.TrimEnd((byte)0));

    public readonly NetlinkAttributes Nested => new(Value);

    public bool MoveNext()
    {
        if (_rest.Length < NetlinkUapi.AttributeHeaderLength)
        {
            return false;
        }

        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < NetlinkUapi.AttributeHeaderLength || length > _rest.Length)
        {
            return false;
        }

        Type = MemoryMarshal.Read<ushort>(_rest[2..]) & NetlinkUapi.NLA_TYPE_MASK;
        Value = _rest[NetlinkUapi.AttributeHeaderLength..length];
        _rest = _rest[Math.Min(NetlinkUapi.Align(length), _rest.Length)..];
        return true;
    }

    /// <summary>Finds the first attribute of a type among those that are left; the walk itself stays where it is.</summary>
    public readonly bool TryFind(int type, out ReadOnlySpan<byte> value)
    {
        NetlinkAttributes walk = new(_rest);
        while (walk.MoveNext())
        {
            if (walk.Type == type)
            {
                value = walk.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The text of the first attribute of a type, or an empty one.</summary>
    public readonly string FindText(int type) => TryFind(type, out ReadOnlySpan<byte> value) ? Encoding.UTF8.GetString(value.TrimEnd((byte)0)) : "";
}
