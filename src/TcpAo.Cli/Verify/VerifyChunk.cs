using TcpAo.Capture;

namespace TcpAo.Cli.Verify;

/// <summary>A piece of a capture file on its way through the verifier.</summary>
internal sealed class VerifyChunk
{
    private const int Length = 1 << 20;

    private byte[] _buffer = new byte[Length];

    /// <summary>The frames that may be TCP segments.</summary>
    public CaptureBatch Batch { get; } = new();

    /// <summary>The buffer that they lie in.</summary>
    public ReadOnlySpan<byte> Buffer => _buffer;

    /// <summary>Bytes of the file up to the end of this piece.</summary>
    public long Position { get; private set; }

    /// <summary>Whether it is the last one.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Why reading failed, if it did; there is nothing in it then.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Fills it with what comes next in the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="accept">Gives the place of the IP packet in a frame, or a negative number where the frame is not wanted.</param>
    public void Read(CaptureFile file, FrameFilter accept)
    {
        Batch.Clear();
        try
        {
            file.MoveTo(ref _buffer);
            while (!Batch.IsFull && file.TryReadBuffered(out CapturedFrame frame, out int offset))
            {
                int ip = accept(frame);
                if (ip >= 0)
                {
                    Batch.Add(frame.Number, _buffer, offset + ip, frame.Data.Length - ip);
                }
            }
        }
#pragma warning disable CA1031 // thrown again by the thread that waits for it, after what came before
        catch (Exception error)
#pragma warning restore CA1031
        {
            Batch.Clear();
            Failure = error;
        }

        Position = file.Position;
        IsLast = file.IsOver || Failure is not null;
    }

    /// <summary>Computes the MACs that the verifier foresaw.</summary>
    public void ComputeMacs() => Batch.ComputeMacs(_buffer);

    /// <summary>Gives the place of the IP packet in a frame, or a negative number where the frame is not wanted.</summary>
    internal delegate int FrameFilter(in CapturedFrame frame);
}
