using System.Buffers.Binary;

namespace TcpAo.Capture;

/// <summary>
/// What an Interface Description Block (draft-ietf-opsawg-pcapng section 4.2) says about the packets that name it. Its
/// options other than if_tsresol, if_fcslen and if_tsoffset are passed over.
/// </summary>
internal readonly struct CaptureInterface
{
    private const int OptionEnd = 0;
    private const int OptionTimestampResolution = 9;
    private const int OptionFcsLength = 13;
    private const int OptionTimestampOffset = 14;
    private const byte Microseconds = 6;

    private readonly TimestampUnit _unit;

    private CaptureInterface(int linkType, uint snapLength, int fcsLength, TimestampUnit unit)
    {
        LinkType = linkType;
        SnapLength = snapLength;
        FcsLength = fcsLength;
        _unit = unit;
    }

    public int LinkType { get; }

    /// <summary>The most bytes kept of a packet; 0: no limit.</summary>
    public uint SnapLength { get; }

    /// <summary>How many bytes of frame check sequence end every packet.</summary>
    public int FcsLength { get; }

    public long ToNanoseconds(ulong ticks) => _unit.ToNanoseconds(ticks);

    /// <summary>
    /// Reads the block's body: link type (2), reserved (2), snap length (4), options. False: an option runs past the end.
    /// </summary>
    /// <param name="body">What stands between the two block lengths: 8 bytes or more.</param>
    /// <param name="bigEndian">The byte order of the section.</param>
    /// <param name="described">What the block says, when true is returned.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, bool bigEndian, out CaptureInterface described)
    {
        byte resolution = Microseconds;
        long offsetSeconds = 0;
        int fcsLength = 0;
        ReadOnlySpan<byte> options = body[8..];
        while (PcapngOption.TryTake(ref options, bigEndian, out int code, out ReadOnlySpan<byte> value))
        {
            switch (code)
            {
                case OptionEnd:
                    options = default;
                    break;
                case OptionTimestampResolution when value.Length == 1:
                    resolution = value[0];
                    break;
                case OptionFcsLength when value.Length == 1:
                    fcsLength = FcsBytes(value[0]);
                    break;
                case OptionTimestampOffset when value.Length == 8:
                    offsetSeconds = bigEndian ? BinaryPrimitives.ReadInt64BigEndian(value) : BinaryPrimitives.ReadInt64LittleEndian(value);
                    break;
                default:
                    break;
            }
        }

        int linkType = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(body) : BinaryPrimitives.ReadUInt16LittleEndian(body);
        uint snapLength = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(body[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        described = new CaptureInterface(linkType, snapLength, fcsLength, new TimestampUnit(resolution, offsetSeconds));
        return options.IsEmpty;
    }

    // The draft says bits, its example and some writers mean bytes: no check sequence has 16 bytes or more, none has 8 bits or less.
    private static int FcsBytes(byte value) => value >= 16 ? value / 8 : value;
}
