// RFC 9293 section 3.4: sequence numbers are compared modulo 2^32. Their extension to 64 bits (SNE) is not done here.
using System.Globalization;

namespace TcpAo.Wire;

/// <summary>
/// A TCP sequence number: arithmetic modulo 2^32 (RFC 9293 section 3.4). The order is that of the shorter way around;
/// it is not transitive, so the type is not comparable in the sense of sorting.
/// </summary>
/// <param name="Value">The number as it is in the header.</param>
public readonly record struct SequenceNumber(uint Value)
{
    /// <summary>The number <paramref name="count"/> bytes later, modulo 2^32 (RFC 9293 section 3.4).</summary>
    public static SequenceNumber operator +(SequenceNumber number, uint count) => new(unchecked(number.Value + count));

    /// <summary>The number <paramref name="count"/> bytes earlier, modulo 2^32 (RFC 9293 section 3.4).</summary>
    public static SequenceNumber operator -(SequenceNumber number, uint count) => new(unchecked(number.Value - count));

    /// <summary>
    /// How far <paramref name="left"/> is ahead of <paramref name="right"/>, negative where it is behind
    /// (RFC 9293 section 3.4). Exactly half way around it is <see cref="int.MinValue"/>.
    /// </summary>
    public static int operator -(SequenceNumber left, SequenceNumber right) => unchecked((int)(left.Value - right.Value));

    /// <summary>Whether <paramref name="left"/> is before <paramref name="right"/> (RFC 9293 section 3.4).</summary>
    public static bool operator <(SequenceNumber left, SequenceNumber right) => left - right < 0;

    /// <summary>Whether <paramref name="left"/> is after <paramref name="right"/> (RFC 9293 section 3.4).</summary>
    public static bool operator >(SequenceNumber left, SequenceNumber right) => left - right > 0;

    /// <summary>Whether <paramref name="left"/> is <paramref name="right"/> or before it (RFC 9293 section 3.4).</summary>
    public static bool operator <=(SequenceNumber left, SequenceNumber right) => left - right <= 0;

    /// <summary>Whether <paramref name="left"/> is <paramref name="right"/> or after it (RFC 9293 section 3.4).</summary>
    public static bool operator >=(SequenceNumber left, SequenceNumber right) => left - right >= 0;

    /// <summary>A header field as a sequence number (RFC 9293 section 3.1).</summary>
    public static implicit operator SequenceNumber(uint value) => new(value);

    /// <summary>The header field; explicit, because comparing two plain numbers forgets the wrap (RFC 9293 section 3.4).</summary>
    public static explicit operator uint(SequenceNumber number) => number.Value;

    /// <summary>The number in decimal.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
