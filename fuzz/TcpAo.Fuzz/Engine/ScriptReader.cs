using System.Buffers.Binary;

namespace TcpAo.Fuzz.Engine;

/// <summary>Takes steps out of an input; where it ends, zeros follow.</summary>
internal ref struct ScriptReader(ReadOnlySpan<byte> script)
{
    private ReadOnlySpan<byte> _rest = script;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public byte TakeByte()
    {
        if (_rest.IsEmpty)
        {
            return 0;
        }

        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    /// <summary>Bytes with their length, two bytes, before them; fewer where the input ends.</summary>
    public ReadOnlySpan<byte> TakeBytes()
    {
        Span<byte> length = [TakeByte(), TakeByte()];
        int count = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(length), _rest.Length);
        ReadOnlySpan<byte> bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }
}
