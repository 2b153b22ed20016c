using System.Buffers.Binary;

namespace TcpAo.Fuzz;

/// <summary>Changes inputs at random; the same seed gives the same changes.</summary>
internal sealed class Mutator(int seed)
{
    /// <summary>What grows beyond this is cut.</summary>
    public const int MaxLength = 8192;

    private const int MaxSlice = 64;

    private static readonly byte[] s_bytes = [0, 1, 2, 3, 4, 5, 6, 8, 16, 18, 19, 20, 29, 40, 41, 43, 44, 51, 58, 60, 0x45, 0x4F, 0x60, 0x7F, 0x80, 0xF0, 0xFE, 0xFF];
    private static readonly uint[] s_words = [0, 1, 4, 19, 20, 40, 59, 60, 0x2000, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF];

    private readonly Random _random = new(seed);

    /// <summary>One to eight changes, few more often than many.</summary>
    /// <param name="pool">Inputs to begin with and to take pieces from; at least one.</param>
    public byte[] Next(IReadOnlyList<byte[]> pool)
    {
        List<byte> input = [.. pool[_random.Next(pool.Count)]];
        int changes = 1 << _random.Next(4);
        for (int i = 0; i < changes; i++)
        {
            Change(input, pool);
        }

        if (input.Count > MaxLength)
        {
            input.RemoveRange(MaxLength, input.Count - MaxLength);
        }

        return [.. input];
    }

    private void Change(List<byte> input, IReadOnlyList<byte[]> pool)
    {
        if (input.Count == 0)
        {
            input.Add((byte)_random.Next(256));
            return;
        }

        int at = Place(input.Count);
        switch (_random.Next(14))
        {
            case 0 or 1:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2 or 3:
                input[at] = s_bytes[_random.Next(s_bytes.Length)];
                break;
            case 4:
                input[at] = (byte)_random.Next(256);
                break;
            case 5:
                input[at] += (byte)(_random.Next(17) - 8);
                break;
            case 6:
                WriteNumber(input, at, s_words[_random.Next(s_words.Length)]);
                break;
            case 7 or 8:
                TweakLength(input, at);
                break;
            case 9:
                Splice(input, pool[_random.Next(pool.Count)]);
                break;
            case 10:
                input.RemoveRange(at, input.Count - at);
                break;
            case 11:
                input.InsertRange(_random.Next(input.Count + 1), Slice(input, at));
                break;
            case 12:
                input.RemoveRange(at, Math.Min(1 + _random.Next(MaxSlice), input.Count - at));
                break;
            default:
                Overwrite(input, at, pool[_random.Next(pool.Count)]);
                break;
        }
    }

    /// <summary>Headers stand at the front: half of the changes go there.</summary>
    private int Place(int count) => _random.Next(2) == 0 ? _random.Next(Math.Min(count, 80)) : _random.Next(count);

    private byte[] Slice(List<byte> input, int at) => [.. input.GetRange(at, Math.Min(1 + _random.Next(MaxSlice), input.Count - at))];

    /// <summary>A number of one, two or four bytes in either order.</summary>
    private void WriteNumber(List<byte> input, int at, uint value)
    {
        int width = 1 << _random.Next(3);
        bool bigEndian = _random.Next(2) == 0;
        for (int i = 0; i < width && at + i < input.Count; i++)
        {
            input[at + i] = (byte)(value >> (8 * (bigEndian ? width - 1 - i : i)));
        }
    }

    /// <summary>Takes what stands there for a length: a little more, a little less, all that is left, or twice that.</summary>
    private void TweakLength(List<byte> input, int at)
    {
        int left = input.Count - at;
        uint here = left < 2 ? input[at] : BinaryPrimitives.ReadUInt16BigEndian([input[at], input[at + 1]]);
        uint value = _random.Next(6) switch
        {
            0 => here + 1,
            1 => here - 1,
            2 => (uint)left,
            3 => (uint)input.Count,
            4 => (uint)left * 2,
            _ => here + (uint)_random.Next(64) - 32,
        };
        WriteNumber(input, at, value);
    }

    private void Splice(List<byte> input, byte[] other)
    {
        int head = _random.Next(input.Count + 1);
        int tail = _random.Next(other.Length + 1);
        input.RemoveRange(head, input.Count - head);
        input.AddRange(other.AsSpan(tail));
    }

    private void Overwrite(List<byte> input, int at, byte[] other)
    {
        int from = _random.Next(other.Length + 1);
        int count = Math.Min(Math.Min(1 + _random.Next(MaxSlice), other.Length - from), input.Count - at);
        for (int i = 0; i < count; i++)
        {
            input[at + i] = other[from + i];
        }
    }
}
