namespace TcpAo.Keys;

/// <summary>
/// A span of time in which a key may be used: from <see cref="Start"/> (included) to <see cref="End"/> (excluded), in UTC.
/// Source: RFC 8177 section 2.
/// </summary>
/// <param name="Start">First instant of use; <see cref="DateTimeOffset.MinValue"/> means "since ever".</param>
/// <param name="End">First instant after use; <see cref="DateTimeOffset.MaxValue"/> means "for ever".</param>
public readonly record struct KeyLifetime(DateTimeOffset Start, DateTimeOffset End)
{
    /// <summary>Valid at any time: what a key without a lifetime has .</summary>
    public static KeyLifetime Always { get; } = new(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    /// <summary>Valid at no time: how RFC 8177 models a key for one direction only, and NOSEND/NORECV of tcp_authopt.</summary>
    public static KeyLifetime Never { get; } = new(DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    /// <summary>True when the lifetime holds no instant.</summary>
    public bool IsEmpty => End <= Start;

    /// <summary>Whether <paramref name="instant"/> lies within the lifetime.</summary>
    public bool Contains(DateTimeOffset instant) => instant >= Start && instant < End;

    /// <summary>
    /// The lifetime widened by <paramref name="tolerance"/> at both ends (accept-tolerance, R-121); an empty one stays empty.
    /// </summary>
    /// <param name="tolerance">Zero or more.</param>
    public KeyLifetime Widen(TimeSpan tolerance)
    {
        if (IsEmpty)
        {
            return this;
        }

        DateTimeOffset start = Start - DateTimeOffset.MinValue <= tolerance ? DateTimeOffset.MinValue : Start - tolerance;
        DateTimeOffset end = DateTimeOffset.MaxValue - End <= tolerance ? DateTimeOffset.MaxValue : End + tolerance;
        return new KeyLifetime(start, end);
    }
}
