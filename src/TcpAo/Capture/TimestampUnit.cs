namespace TcpAo.Capture;

/// <summary>
/// The unit and the origin of an interface's timestamps (draft-ietf-opsawg-pcapng section 4.2, if_tsresol and if_tsoffset),
/// turned once into a factor so that a frame costs one multiplication.
/// </summary>
internal readonly struct TimestampUnit
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const int NanosecondDigits = 9;
    private const int MaxDivisorDigits = 19; // 10^19 is the greatest power of ten in 64 bits; 2^64 ticks of a finer unit are less than 1 ns

    private readonly ulong _multiplier; // nanoseconds = ticks * multiplier / divisor >> shift + offset
    private readonly ulong _divisor;    // 1 unless the unit is a power of ten below a nanosecond
    private readonly int _shift;        // 0 unless the unit is a power of two
    private readonly long _offset;

    /// <param name="resolution">if_tsresol: units of 10^-n seconds, or, with the highest bit set, of 2^-n seconds.</param>
    /// <param name="offsetSeconds">if_tsoffset: seconds to add.</param>
    public TimestampUnit(byte resolution, long offsetSeconds)
    {
        int exponent = resolution & 0x7F;
        bool binary = (resolution & 0x80) != 0;
        _multiplier = binary ? NanosecondsPerSecond : exponent > NanosecondDigits + MaxDivisorDigits ? 0 : PowerOfTen(NanosecondDigits - exponent);
        _divisor = binary ? 1 : PowerOfTen(Math.Min(exponent - NanosecondDigits, MaxDivisorDigits));
        _shift = binary ? exponent : 0;
        _offset = Clamp((Int128)offsetSeconds * NanosecondsPerSecond);
    }

    public long ToNanoseconds(ulong ticks)
    {
        ulong high = Math.BigMul(ticks, _multiplier, out ulong low);
        return _divisor == 1 && _shift == 0 && _offset == 0 && high == 0 && low <= long.MaxValue ? (long)low : Slow(new UInt128(high, low));
    }

    private static ulong PowerOfTen(int digits)
    {
        ulong power = 1;
        for (int i = 0; i < digits; i++)
        {
            power *= 10;
        }

        return power;
    }

    private static long Clamp(Int128 value) => (long)Int128.Clamp(value, long.MinValue, long.MaxValue);

    // The product has at most 64 + 30 bits: it is positive as a signed number, and so is the sum.
    private long Slow(UInt128 product) => Clamp((Int128)(product / _divisor >> _shift) + _offset);
}
