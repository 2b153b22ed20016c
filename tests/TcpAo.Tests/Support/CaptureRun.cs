using System.Buffers;
using TcpAo.Capture;
using Xunit;

namespace TcpAo.Tests.Support;

/// <summary>
/// A whole file put through a <see cref="CaptureReader"/> in pieces, as a program that reads a stream would; the reader's
/// promises about progress are checked on the way.
/// </summary>
internal sealed class CaptureRun
{
    private CaptureRun(List<Frame> frames, string? error, long errorOffset)
    {
        Frames = frames;
        Error = error;
        ErrorOffset = errorOffset;
    }

    public List<Frame> Frames { get; }

    /// <summary>Null: the file ended cleanly.</summary>
    public string? Error { get; }

    public long ErrorOffset { get; }

    /// <param name="file">The bytes of the file.</param>
    /// <param name="piece">How many bytes come in at a time.</param>
    public static CaptureRun Of(ReadOnlySpan<byte> file, int piece = int.MaxValue)
    {
        CaptureReader reader = new();
        List<Frame> frames = [];
        int start = 0;
        int end = 0;
        while (true)
        {
            OperationStatus status = reader.Read(file[start..end], out int consumed, out CapturedFrame frame);
            start += consumed;
            Assert.InRange(start, 0, end);
            Assert.Equal(start, reader.Offset);
            switch (status)
            {
                case OperationStatus.Done:
                    Assert.NotEqual(0, consumed);
                    frames.Add(new Frame(frame.Number, frame.LinkType, frame.TimestampNanoseconds, frame.OriginalLength, frame.IsTruncated, Convert.ToHexString(frame.Data)));
                    Assert.Equal(frames.Count, reader.FramesRead);
                    break;
                case OperationStatus.NeedMoreData:
                    Assert.InRange(reader.MinimumBytes, end - start + 1, CaptureReader.MaxBlockLength);
                    if (end == file.Length)
                    {
                        bool clean = reader.Finish(end - start);
                        Assert.Equal(clean, reader.Error is null);
                        return new CaptureRun(frames, reader.Error, reader.Offset);
                    }

                    end += Math.Min(piece, file.Length - end);
                    break;
                default:
                    Assert.Equal(OperationStatus.InvalidData, status);
                    Assert.NotNull(reader.Error);
                    Assert.Equal(OperationStatus.InvalidData, reader.Read(file, out consumed, out _));
                    Assert.Equal(0, consumed);
                    Assert.False(reader.Finish(0));
                    return new CaptureRun(frames, reader.Error, reader.Offset);
            }
        }
    }

    /// <summary>A frame that outlives its buffer; the data as hexadecimal digits.</summary>
    public sealed record Frame(long Number, int LinkType, long Time, int OriginalLength, bool IsTruncated, string Data);
}
