using System.Buffers;
using System.Security.Cryptography;
using TcpAo.Capture;
using TcpAo.Fuzz.Memory;
using TcpAo.Fuzz.Seeds;

namespace TcpAo.Fuzz.Targets;

/// <summary>
/// <see cref="CaptureReader"/> and <see cref="LinkLayer"/> over a file, whole and in pieces of an odd size that its length decides: it ends, frames
/// lie within their bytes, offsets rise, and the pieces make no difference.
/// </summary>
internal sealed class CaptureTarget : IFuzzTarget
{
    private readonly GuardedMemory _memory = new(TargetRunner.MaxInput);

    public string Name => "capture";

    public IEnumerable<byte[]> Seeds => [[], .. SeedCaptures.All];

    public void Run(ReadOnlySpan<byte> input)
    {
        List<Frame> whole = [];
        List<Frame> pieces = [];
        string? error = Read(input, input.Length, whole);
        string? errorInPieces = Read(input, 1 + (input.Length % 97), pieces);
        Check.Equal(error, errorInPieces);
        Check.Equal(whole.Count, pieces.Count);
        for (int i = 0; i < whole.Count; i++)
        {
            Check.Equal(whole[i], pieces[i]);
        }

        Signals.Note(1, whole.Count, error?.Length ?? 0);
    }

    private string? Read(ReadOnlySpan<byte> file, int piece, List<Frame> frames)
    {
        CaptureReader reader = new();
        int start = 0;
        int end = 0;
        while (true)
        {
            ReadOnlySpan<byte> data = _memory.Copy(file[start..end], GuardSide.Behind);
            OperationStatus status = reader.Read(data, out int consumed, out CapturedFrame frame);
            Check.That(consumed >= 0 && consumed <= data.Length);
            start += consumed;
            Check.Equal((long)start, reader.Offset);
            switch (status)
            {
                case OperationStatus.Done:
                    Check.That(consumed > 0, "a frame takes bytes");
                    Check.That(frame.Data.IsEmpty || data.Overlaps(frame.Data), "the frame lies within what was given");
                    frames.Add(Describe(frame));
                    Check.Equal((long)frames.Count, reader.FramesRead);
                    Check.Equal((long)frames.Count, frame.Number);
                    break;
                case OperationStatus.NeedMoreData when end == file.Length:
                    Check.That(reader.MinimumBytes > end - start && reader.MinimumBytes <= CaptureReader.MaxBlockLength);
                    Check.Equal(reader.Finish(end - start), reader.Error is null);
                    return reader.Error;
                case OperationStatus.NeedMoreData:
                    Check.That(reader.MinimumBytes > end - start && reader.MinimumBytes <= CaptureReader.MaxBlockLength);
                    end += Math.Min(piece, file.Length - end);
                    break;
                default:
                    Check.Equal(OperationStatus.InvalidData, status);
                    Check.Equal(OperationStatus.InvalidData, reader.Read(file, out consumed, out _));
                    Check.That(consumed == 0 && !reader.Finish(0) && reader.Error is not null);
                    return reader.Error;
            }
        }
    }

    private static Frame Describe(in CapturedFrame frame)
    {
        Check.That(frame.OriginalLength >= frame.Data.Length && frame.IsTruncated == (frame.OriginalLength > frame.Data.Length));
        bool isIP = LinkLayer.TryGetIPPacket(frame.LinkType, frame.Data, out int offset);
        Check.That(isIP ? offset >= 0 && offset < frame.Data.Length : offset == 0);
        Check.That(!isIP || LinkLayer.IsSupported(frame.LinkType));
        Check.That(LinkLayer.NameOf(frame.LinkType).Length != 0);
        Signals.Note(2, frame.LinkType, isIP ? offset : -1);
        return new Frame(frame.Number, frame.LinkType, frame.TimestampNanoseconds, frame.OriginalLength, Convert.ToHexString(SHA256.HashData(frame.Data)), offset);
    }

    private sealed record Frame(long Number, int LinkType, long Time, int OriginalLength, string Hash, int IPOffset);
}
