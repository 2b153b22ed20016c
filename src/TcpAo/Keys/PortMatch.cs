using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace TcpAo.Keys;

/// <summary>
/// The ports of one end in a connection identifier: any, one, a range, or a value under a mask (RFC 5925 section 3.1, R-011).
/// The default value is <see cref="Any"/>.
/// </summary>
/// <remarks>Two spellings of one set are one value: <c>0x1000/0xf000</c> is <c>4096-8191</c>, and <c>0-65535</c> is <c>any</c>.</remarks>
public readonly record struct PortMatch
{
    /// <summary>The most blocks that a range comes apart into: 1-65534.</summary>
    internal const int MaxBlocks = 30;

    private readonly ushort _low;

    // ones complement, so that the default value is 0-65535
    private readonly ushort _highComplement;

    // zero unless the set is no range
    private readonly ushort _mask;

    private PortMatch(ushort low, ushort high, ushort mask)
    {
        _low = low;
        _highComplement = (ushort)~high;
        _mask = mask;
    }

    /// <summary>Every port.</summary>
    public static PortMatch Any => default;

    /// <summary>Whether every port matches.</summary>
    public bool IsAny => this == default;

    /// <summary>How many ports match, 1 to 65536.</summary>
    public int Width => _mask != 0 ? 1 << (16 - BitOperations.PopCount(_mask)) : High - _low + 1;

    /// <summary>The set in numbers: first and last port, and a mask that is 0 unless the set is no range; the last port is 65535 then.</summary>
    internal (ushort Low, ushort High, ushort Mask) Parts => (_low, High, _mask);

    private ushort High => (ushort)~_highComplement;

    /// <summary>One port.</summary>
    public static PortMatch Of(ushort port) => new(port, port, 0);

    /// <summary>The ports from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="high"/> is below <paramref name="low"/>.</exception>
    public static PortMatch Range(ushort low, ushort high)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(high, low);
        return new PortMatch(low, high, 0);
    }

    /// <summary>The ports that equal <paramref name="value"/> in the one bits of <paramref name="mask"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="value"/> has a bit outside <paramref name="mask"/>.</exception>
    public static PortMatch Masked(ushort value, ushort mask)
    {
        if ((value & ~mask) != 0)
        {
            throw new ArgumentException($"0x{value:x4} has bits set outside the mask 0x{mask:x4}.", nameof(value));
        }

        // a mask of leading ones is a range, and has one spelling
        bool contiguous = (~mask & 0xFFFF & ((~mask & 0xFFFF) + 1)) == 0;
        return contiguous ? new PortMatch(value, (ushort)(value | ~mask), 0) : new PortMatch(value, ushort.MaxValue, mask);
    }

    /// <summary>Reads <c>any</c>, <c>179</c>, <c>179-181</c> or <c>0x1000/0xf000</c>.</summary>
    /// <param name="text">Numbers are decimal, or hexadecimal with <c>0x</c>. Port 0 alone is refused: some systems write it for "any".</param>
    /// <param name="ports">The ports, or <see cref="Any"/> after false.</param>
    /// <param name="reason">After false: what is wrong, in words for the one who wrote it.</param>
    public static bool TryParse(string? text, out PortMatch ports, [NotNullWhen(false)] out string? reason)
    {
        ports = default;
        reason = null;
        if (string.Equals(text, "any", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        ReadOnlySpan<char> all = text;
        int dash = all.IndexOf('-');
        int slash = all.IndexOf('/');
        int split = Math.Max(dash, slash);
        ushort second = 0;
        if (!TryParseNumber(split < 0 ? all : all[..split], out ushort first) || (split >= 0 && !TryParseNumber(all[(split + 1)..], out second)))
        {
            reason = $"'{text}' is not a port (1 to 65535), a range such as 179-181, a value and mask such as 0x1000/0xf000, or any.";
            return false;
        }

        if (split < 0)
        {
            ports = Of(first);
            reason = first == 0 ? "Port 0 is no port; write any for every port." : null;
        }
        else if (dash >= 0)
        {
            reason = second < first ? $"{text}: the range ends before it begins." : null;
            ports = reason is null ? Range(first, second) : default;
        }
        else
        {
            reason = (first & ~second) != 0 ? $"{text}: the value has bits set outside the mask." : null;
            ports = reason is null ? Masked(first, second) : default;
        }

        ports = reason is null ? ports : default;
        return reason is null;
    }

    /// <summary>Makes a set of what <see cref="Parts"/> gave; false where the numbers are none.</summary>
    internal static bool TryOfParts(ushort low, ushort high, ushort mask, out PortMatch ports)
    {
        bool isRange = mask == 0 && low <= high;
        bool isMasked = mask != 0 && high == ushort.MaxValue && (low & ~mask) == 0;
        ports = isRange ? Range(low, high) : isMasked ? Masked(low, mask) : default;
        return isRange || isMasked;
    }

    /// <summary>Whether <paramref name="port"/> is one of them.</summary>
    public bool Contains(ushort port) => _mask != 0 ? (port & _mask) == _low : port >= _low && port <= High;

    /// <summary>Whether some port is in both.</summary>
    public bool Overlaps(PortMatch other)
    {
        if (_mask == 0 && other._mask == 0)
        {
            return _low <= other.High && other._low <= High;
        }

        Span<PortBlock> mine = stackalloc PortBlock[MaxBlocks];
        Span<PortBlock> theirs = stackalloc PortBlock[MaxBlocks];
        foreach (PortBlock a in mine[..GetBlocks(mine)])
        {
            foreach (PortBlock b in theirs[..other.GetBlocks(theirs)])
            {
                if (((a.Value ^ b.Value) & a.Mask & b.Mask) == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary><c>any</c>, <c>179</c>, <c>179-181</c> or <c>0x0001/0x0001</c>; <see cref="TryParse"/> reads it back, except for port 0 alone.</summary>
    public override string ToString() =>
        IsAny ? "any"
        : _mask != 0 ? $"0x{_low:x4}/0x{_mask:x4}"
        : _low == High ? _low.ToString(CultureInfo.InvariantCulture)
        : $"{_low}-{High}";

    /// <summary>Takes the set apart into disjoint blocks that a mask describes; a range into aligned powers of two.</summary>
    /// <param name="blocks">Room for <see cref="MaxBlocks"/>.</param>
    /// <returns>How many there are.</returns>
    internal int GetBlocks(Span<PortBlock> blocks)
    {
        if (_mask != 0)
        {
            blocks[0] = new PortBlock(_low, _mask);
            return 1;
        }

        int count = 0;
        int next = _low;
        while (next <= High)
        {
            int size = next == 0 ? 0x10000 : next & -next;
            while (next + size - 1 > High)
            {
                size >>= 1;
            }

            blocks[count++] = new PortBlock((ushort)next, (ushort)~(size - 1));
            next += size;
        }

        return count;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out ushort number) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ushort.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
