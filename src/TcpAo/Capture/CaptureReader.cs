using System.Buffers;
using System.Buffers.Binary;

namespace TcpAo.Capture;

/// <summary>
/// Reads capture files: classic pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), both in either byte
/// order. It opens nothing: the caller hands in the file's bytes piece by piece and takes frames out.
/// </summary>
/// <remarks>
/// <para>One reader reads one file. It allocates when a pcapng interface is described and when an error is worded, never
/// for a frame. Bad bytes are <see cref="OperationStatus.InvalidData"/>, not an exception, and final.</para>
/// <para>Left out: the variants of pcap with record headers other than the standard one and that of the magic number
/// a1b2cd34, pcap files older than version 2.0, all that pcapng says beside packets and interfaces.</para>
/// </remarks>
public sealed partial class CaptureReader
{
    /// <summary>
    /// The most that <see cref="MinimumBytes"/> asks for: 16 MiB, the longest pcapng block read (draft-ietf-opsawg-pcapng
    /// section 3.1). A buffer that can grow to this reads every file.
    /// </summary>
    public const int MaxBlockLength = 16 << 20;

    /// <summary>The most captured bytes a frame may have: 1 MiB, four times the greatest SnapLen libpcap writes (draft-ietf-opsawg-pcap).</summary>
    public const int MaxFrameLength = 1 << 20;

    private const int MagicLength = 4;

    private CaptureFormat _format;
    private bool _bigEndian;   // of the file, or of the pcapng section being read
    private bool _insideFrame; // set with MinimumBytes: what is incomplete is a packet record

    /// <summary>
    /// How many bytes the next <see cref="Read"/> needs at its start in order to get anywhere; after
    /// <see cref="OperationStatus.NeedMoreData"/> more than it was given beyond what it consumed. (For pcapng the total
    /// length of a block, draft-ietf-opsawg-pcapng section 3.1; for pcap that of a record with its header.)
    /// </summary>
    public int MinimumBytes { get; private set; } = MagicLength;

    /// <summary>
    /// What is wrong, in one sentence with frame number and byte offset, after <see cref="OperationStatus.InvalidData"/> or
    /// a failed <see cref="Finish"/>: where the file departs from draft-ietf-opsawg-pcap or draft-ietf-opsawg-pcapng.
    /// </summary>
    public string? Error { get; private set; }

    /// <summary>
    /// How many bytes of the file have been consumed; with an <see cref="Error"/>, where in the file the record or block
    /// (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng) begins that the error is about.
    /// </summary>
    public long Offset { get; private set; }

    /// <summary>
    /// How many frames have been returned: packet records of draft-ietf-opsawg-pcap, packet blocks of
    /// draft-ietf-opsawg-pcapng.
    /// </summary>
    public long FramesRead { get; private set; }

    /// <summary>
    /// Reads up to and including the next packet record (draft-ietf-opsawg-pcap) or packet block
    /// (draft-ietf-opsawg-pcapng sections 4.3 and 4.4, appendix A).
    /// </summary>
    /// <param name="data">The file from byte <see cref="Offset"/> on, as much of it as is at hand.</param>
    /// <param name="consumed">
    /// How many bytes of <paramref name="data"/> are done with; the next call begins behind them. It may be more than 0
    /// also without a frame.
    /// </param>
    /// <param name="frame">The frame, a view of <paramref name="data"/>, when the result is Done.</param>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>: a frame. <see cref="OperationStatus.NeedMoreData"/>: call again with at least
    /// <see cref="MinimumBytes"/> bytes from <paramref name="consumed"/> on, or, when the file has no more, call
    /// <see cref="Finish"/>. <see cref="OperationStatus.InvalidData"/>: see <see cref="Error"/>; every further call says so too.
    /// </returns>
    public OperationStatus Read(ReadOnlySpan<byte> data, out int consumed, out CapturedFrame frame)
    {
        consumed = 0;
        OperationStatus status;
        switch (_format)
        {
            case CaptureFormat.Pcap:
                status = ReadRecord(data, ref consumed, out frame);
                break;
            case CaptureFormat.Pcapng:
                status = ReadBlocks(data, ref consumed, out frame);
                break;
            case CaptureFormat.Unknown:
                status = ReadStart(data, ref consumed, out frame);
                break;
            default:
                frame = default;
                return OperationStatus.InvalidData;
        }

        Offset += consumed;
        return status;
    }

    /// <summary>
    /// To be called when the file has no more bytes and <see cref="Read"/> asks for some: whether the file ends where a
    /// record (draft-ietf-opsawg-pcap) or a block (draft-ietf-opsawg-pcapng) ends.
    /// </summary>
    /// <param name="unreadBytes">How many bytes the file has behind those consumed.</param>
    /// <returns>True: a clean end. False: <see cref="Error"/> says what is incomplete.</returns>
    public bool Finish(int unreadBytes)
    {
        if (Error is not null)
        {
            return false;
        }

        if (_format != CaptureFormat.Unknown && unreadBytes == 0)
        {
            return true;
        }

        if (_format == CaptureFormat.Unknown)
        {
            Error = unreadBytes switch
            {
                0 => "the file is empty",
                < MagicLength => $"the file has only {unreadBytes} bytes, too few for a capture file",
                _ => $"the file ends inside the file header: {unreadBytes} of {MinimumBytes} bytes are there",
            };
        }
        else
        {
            string record = _insideFrame ? $"frame {FramesRead + 1}, which" : "the block that";
            Error = $"the file ends inside {record} begins at byte {Offset}: {unreadBytes} of at least {MinimumBytes} bytes are there";
        }

        _format = CaptureFormat.Failed;
        return false;
    }

    private OperationStatus ReadStart(ReadOnlySpan<byte> data, scoped ref int position, out CapturedFrame frame)
    {
        frame = default;
        if (data.Length < MagicLength)
        {
            return NeedMore(MagicLength, insideFrame: false);
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(data) == SectionHeader)
        {
            if (data.Length < SectionHeaderLength)
            {
                return NeedMore(SectionHeaderLength, insideFrame: false);
            }

            _format = CaptureFormat.Pcapng;
            return ReadBlocks(data, ref position, out frame);
        }

        return IsPcap(data) ? ReadFileHeader(data, ref position, out frame) : Invalid(ForeignFile.Describe(data[..MagicLength]));
    }

    private OperationStatus NeedMore(int minimumBytes, bool insideFrame)
    {
        MinimumBytes = minimumBytes;
        _insideFrame = insideFrame;
        return OperationStatus.NeedMoreData;
    }

    private OperationStatus Invalid(string error)
    {
        Error = error;
        _format = CaptureFormat.Failed;
        return OperationStatus.InvalidData;
    }

    // Words for messages: what stands at a position of the data of this call.
    private string FrameAt(int position) => $"frame {FramesRead + 1} at byte {Offset + position}";

    private string BlockAt(int position) => $"the block at byte {Offset + position}";

    private CapturedFrame NextFrame(int linkType, long timestamp, uint originalLength, ReadOnlySpan<byte> data, int fcsLength)
    {
        originalLength = Math.Min(Math.Max(originalLength, (uint)data.Length), int.MaxValue);
        if (fcsLength != 0)
        {
            // A frame that was cut short has lost its check sequence first.
            originalLength -= Math.Min(originalLength, (uint)fcsLength);
            data = data[..(int)Math.Min((uint)data.Length, originalLength)];
        }

        return new CapturedFrame(++FramesRead, linkType, timestamp, (int)originalLength, data);
    }

    private uint UInt32At(ReadOnlySpan<byte> data, int offset)
    {
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);
        return _bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
    }

    private ushort UInt16At(ReadOnlySpan<byte> data, int offset)
    {
        ushort value = BinaryPrimitives.ReadUInt16LittleEndian(data[offset..]);
        return _bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
    }
}
