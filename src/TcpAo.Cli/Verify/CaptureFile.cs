using System.Buffers;
using TcpAo.Capture;

namespace TcpAo.Cli.Verify;

/// <summary>A capture file, read once from begin to end through one buffer.</summary>
internal sealed class CaptureFile : IDisposable
{
    private const int InitialBuffer = 1 << 20;

    private readonly FileStream _stream;
    private readonly CaptureReader _reader = new();
    private byte[] _buffer = new byte[InitialBuffer];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <exception cref="UserErrorException">It cannot be opened.</exception>
    public CaptureFile(string path)
    {
        Path = path;
        if (Directory.Exists(path))
        {
            throw Unreadable("it is a directory; name a capture file");
        }

        try
        {
            // the buffer is ours, and reading is strictly forward
            _stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan, Share = FileShare.ReadWrite });
        }
        catch (FileNotFoundException)
        {
            throw Unreadable("there is no such file");
        }
        catch (DirectoryNotFoundException)
        {
            throw Unreadable("there is no such directory");
        }
        catch (UnauthorizedAccessException)
        {
            throw Unreadable("permission denied; see who may read it with ls -l");
        }
        catch (IOException error)
        {
            throw Unreadable(error.Message);
        }
    }

    public string Path { get; }

    /// <summary>Whether the file can be read again from its begin.</summary>
    public bool CanReadAgain => _stream.CanSeek;

    /// <summary>Bytes in the file, 0 where it is a pipe.</summary>
    public long Length => _stream.CanSeek ? _stream.Length : 0;

    /// <summary>Bytes behind us.</summary>
    public long Position => _reader.Offset;

    /// <summary>Why reading ended before a clean end of the file; null while nothing is wrong.</summary>
    public string? Error => _reader.Error;

    /// <summary>Whether <see cref="TryReadBuffered"/> has come to the end of what can be read.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Reads the next frame; its bytes are good until the next call.</summary>
    /// <returns>False at the end of what can be read: look at <see cref="Error"/>.</returns>
    public bool TryRead(out CapturedFrame frame)
    {
        while (true)
        {
            OperationStatus status = _reader.Read(_buffer.AsSpan(_start, _end - _start), out int consumed, out frame);
            _start += consumed;
            switch (status)
            {
                case OperationStatus.Done:
                    return true;
                case OperationStatus.NeedMoreData when !_atEnd:
                    Fill();
                    break;
                case OperationStatus.NeedMoreData:
                    _reader.Finish(_end - _start);
                    return false;
                default:
                    return false;
            }
        }
    }

    /// <summary>Goes on in another buffer: what is unread moves there, and what the file has next comes behind it.</summary>
    /// <param name="buffer">The buffer; replaced where it is too small for what is next.</param>
    public void MoveTo(ref byte[] buffer)
    {
        int left = _end - _start;
        if (buffer.Length < Math.Max(left, _reader.MinimumBytes))
        {
            buffer = new byte[Math.Max(left, _reader.MinimumBytes)];
        }

        Buffer.BlockCopy(_buffer, _start, buffer, 0, left);
        _buffer = buffer;
        _start = 0;
        _end = left;
        do
        {
            int read = _end < buffer.Length ? ReadSome() : 0;
            _atEnd = read == 0 && _end < buffer.Length;
            _end += read;
        }
        while (_end < _reader.MinimumBytes && !_atEnd);
    }

    /// <summary>Reads the next frame if all of it is in the buffer.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="offset">Where its bytes begin in the buffer.</param>
    /// <returns>False where it is not: <see cref="IsOver"/> tells whether the file goes on.</returns>
    public bool TryReadBuffered(out CapturedFrame frame, out int offset)
    {
        OperationStatus status = _reader.Read(_buffer.AsSpan(_start, _end - _start), out int consumed, out frame);
        _start += consumed;
        offset = 0;
        switch (status)
        {
            case OperationStatus.Done:
                _buffer.AsSpan().Overlaps(frame.Data, out offset);
                return true;
            case OperationStatus.NeedMoreData when _atEnd:
                _reader.Finish(_end - _start);
                IsOver = true;
                return false;
            case OperationStatus.NeedMoreData:
                return false;
            default:
                IsOver = true;
                return false;
        }
    }

    public void Dispose() => _stream.Dispose();

    private void Fill()
    {
        int left = _end - _start;
        byte[] target = _reader.MinimumBytes > _buffer.Length ? new byte[_reader.MinimumBytes] : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, left);
        _buffer = target;
        _start = 0;
        _end = left;
        while (_end < _reader.MinimumBytes && !_atEnd)
        {
            int read = ReadSome();
            _end += read;
            _atEnd = read == 0;
        }
    }

    private int ReadSome()
    {
        try
        {
            return _stream.Read(_buffer, _end, _buffer.Length - _end);
        }
        catch (IOException error)
        {
            throw Unreadable(error.Message);
        }
    }

    private UserErrorException Unreadable(string reason) => new($"{Path}: cannot be read: {reason}", ExitCodes.Usage);
}
