namespace TcpAo.Capture;

/// <summary>
/// One captured frame, as draft-ietf-opsawg-pcap ("Packet Record") and draft-ietf-opsawg-pcapng (sections 4.3, 4.4 and
/// appendix A, the packet blocks) hold it. It is a view of the caller's buffer and lasts as long as those bytes stay.
/// </summary>
public readonly ref struct CapturedFrame
{
    internal CapturedFrame(long number, int linkType, long timestampNanoseconds, int originalLength, ReadOnlySpan<byte> data)
    {
        Number = number;
        LinkType = linkType;
        TimestampNanoseconds = timestampNanoseconds;
        OriginalLength = originalLength;
        Data = data;
    }

    /// <summary>The place among the packet records of the whole file, from 1 (across pcapng sections and interfaces).</summary>
    public long Number { get; }

    /// <summary>The LINKTYPE_ value of tcpdump.org's link-layer header types; <see cref="LinkLayer"/> reads it.</summary>
    public int LinkType { get; }

    /// <summary>
    /// Nanoseconds since 1970-01-01 UTC; 0 for a pcapng Simple Packet Block (section 4.4), which has no time. A time
    /// outside the range of the type is its nearest end.
    /// </summary>
    public long TimestampNanoseconds { get; }

    /// <summary>
    /// How many bytes the frame had on the network ("Original Packet Length" of draft-ietf-opsawg-pcap), without a frame
    /// check sequence; never less than the length of <see cref="Data"/>.
    /// </summary>
    public int OriginalLength { get; }

    /// <summary>
    /// The captured bytes ("Packet Data" of draft-ietf-opsawg-pcap) from the link-layer header on, without a frame check
    /// sequence when the file says that there is one.
    /// </summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Whether the capture kept only the beginning of the frame ("SnapLen" of draft-ietf-opsawg-pcap).</summary>
    public bool IsTruncated => Data.Length < OriginalLength;
}
