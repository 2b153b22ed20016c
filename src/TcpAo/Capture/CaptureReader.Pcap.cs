using System.Buffers;
using System.Buffers.Binary;

namespace TcpAo.Capture;

// Classic pcap, draft-ietf-opsawg-pcap; a1b2cd34 is the form of A. Kuznetzov's patched libpcap.
//
// File header (24):  magic (4) | major (2) | minor (2) | reserved (8) | snap length (4) | link type and FCS (4)
// Link type and FCS: FCS length in 16-bit words (4 bits) | R | P: it is present | reserved (10 bits) | link type (16 bits)
// Record (16):       seconds (4) | micro- or nanoseconds (4) | captured length (4) | original length (4) | data
// Record (24):       the same | interface index (4) | protocol (2) | packet type (1) | padding (1) | data
public sealed partial class CaptureReader
{
    private const uint MagicMicroseconds = 0xA1B2C3D4;
    private const uint MagicNanoseconds = 0xA1B23C4D;
    private const uint MagicModified = 0xA1B2CD34;
    private const int FileHeaderLength = 24;
    private const int RecordHeaderLength = 16;
    private const int ModifiedRecordHeaderLength = 24;
    private const uint FcsPresent = 0x0400_0000;
    private const uint LinkTypeReserved = 0x03FF_0000;

    private int _recordHeaderLength; // this and those below are set by the file header
    private int _nanosecondsPerTick;
    private int _linkType;
    private int _fcsLength;

    private static bool IsPcap(ReadOnlySpan<byte> start)
    {
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(start);
        return IsPcapMagic(magic) || IsPcapMagic(BinaryPrimitives.ReverseEndianness(magic));
    }

    private static bool IsPcapMagic(uint magic) => magic is MagicMicroseconds or MagicNanoseconds or MagicModified;

    private OperationStatus ReadFileHeader(ReadOnlySpan<byte> data, scoped ref int position, out CapturedFrame frame)
    {
        frame = default;
        if (data.Length < FileHeaderLength)
        {
            return NeedMore(FileHeaderLength, insideFrame: false);
        }

        _bigEndian = IsPcapMagic(BinaryPrimitives.ReadUInt32BigEndian(data));
        uint magic = UInt32At(data, 0);
        int major = UInt16At(data, 4);
        if (major != 2)
        {
            return Invalid($"the file header says pcap version {major}.{UInt16At(data, 6)}, and only version 2 is read");
        }

        uint linkType = UInt32At(data, 20);
        if ((linkType & LinkTypeReserved) != 0)
        {
            return Invalid($"the file header's link type 0x{linkType:x8} has reserved bits set");
        }

        _recordHeaderLength = magic == MagicModified ? ModifiedRecordHeaderLength : RecordHeaderLength;
        _nanosecondsPerTick = magic == MagicNanoseconds ? 1 : 1000;
        _linkType = (int)(linkType & 0xFFFF);
        _fcsLength = (linkType & FcsPresent) != 0 ? (int)(linkType >> 28) * 2 : 0;
        _format = CaptureFormat.Pcap;
        position = FileHeaderLength;
        return ReadRecord(data, ref position, out frame);
    }

    private OperationStatus ReadRecord(ReadOnlySpan<byte> data, scoped ref int position, out CapturedFrame frame)
    {
        ReadOnlySpan<byte> record = data[position..];
        int headerLength = _recordHeaderLength;
        if (record.Length < headerLength)
        {
            frame = default;
            return NeedMore(headerLength, insideFrame: true);
        }

        uint capturedLength = UInt32At(record, 8);
        if (capturedLength > MaxFrameLength)
        {
            frame = default;
            return Invalid($"{FrameAt(position)} says that it has {capturedLength} captured bytes, and {MaxFrameLength} is the most that is read");
        }

        int recordLength = headerLength + (int)capturedLength;
        if (record.Length < recordLength)
        {
            frame = default;
            return NeedMore(recordLength, insideFrame: true);
        }

        // At most 2^32 * 10^9 + 2^32 * 10^3: within a long.
        long timestamp = (UInt32At(record, 0) * 1_000_000_000L) + ((long)UInt32At(record, 4) * _nanosecondsPerTick);
        frame = NextFrame(_linkType, timestamp, UInt32At(record, 12), record[headerLength..recordLength], _fcsLength);
        position += recordLength;
        MinimumBytes = headerLength;
        return OperationStatus.Done;
    }
}
