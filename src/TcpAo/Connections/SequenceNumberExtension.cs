// RFC 5925 section 6.2 and RFC 9187: the sequence number extension (SNE).
//
// The 64-bit number nearest to the highest one seen is taken for each segment, so that a retransmission from before a
// wrap gets the smaller SNE again. The pseudo-code printed in RFC 5925 fails RFC 9187's list.

namespace TcpAo.Connections;

/// <summary>
/// One direction's sequence numbers extended to 64 bits; the SNE is the upper half. Right while jumps stay
/// below 2^31.
/// </summary>
public struct SequenceNumberExtension
{
    /// <summary>Starts at an ISN, whose SNE is zero .</summary>
    public SequenceNumberExtension(uint isn)
        : this(0, isn)
    {
    }

    /// <summary>Continues from a saved SNE and the sequence number that it extends.</summary>
    public SequenceNumberExtension(uint sne, uint sequence) => Mark = ((ulong)sne << 32) | sequence;

    /// <summary>The highest extended sequence number so far.</summary>
    public ulong Mark { get; private set; }

    /// <summary>The SNE of the highest sequence number so far.</summary>
    public readonly uint Sne => (uint)(Mark >> 32);

    /// <summary>The extended form of <paramref name="sequence"/>; changes nothing.</summary>
    public readonly ulong Extend(uint sequence)
    {
        long distance = (int)(sequence - (uint)Mark);
        ulong extended = Mark + (ulong)distance;

        // before the beginning there is nothing: a number behind a small ISN counts in the first cycle
        return distance < 0 && extended > Mark ? sequence : extended;
    }

    /// <summary>Moves the mark up to <paramref name="extended"/> if that is higher. True when the SNE grew.</summary>
    public bool Advance(ulong extended)
    {
        if (extended <= Mark)
        {
            return false;
        }

        bool grew = (extended >> 32) != (Mark >> 32);
        Mark = extended;
        return grew;
    }
}
