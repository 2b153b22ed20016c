using System.Net.Sockets;
using System.Security.Cryptography;

namespace TcpAo.Cli.Lab;

/// <summary>Bytes from one socket to another for as long as wanted; both sides make a checksum, which must be the same.</summary>
internal sealed class LabFlow
{
    private const int Chunk = 16 * 1024;

    private readonly Socket _from;
    private readonly Socket _to;
    private readonly int _seed;
    private readonly long _length;
    private readonly Task<(byte[] Hash, long Length)> _send;
    private readonly Task<(byte[] Hash, long Length)> _receive;
    private volatile bool _isStopping;
    private long _received;

    /// <summary>Begins at once.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="seed">Of the bytes.</param>
    /// <param name="length">How many; all that go until <see cref="Finish"/> where it is not given.</param>
    public LabFlow(Socket from, Socket to, int seed, long length = long.MaxValue)
    {
        (_from, _to, _seed, _length) = (from, to, seed, length);
        _receive = Task.Factory.StartNew(Receive, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _send = Task.Factory.StartNew(Send, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Bytes that have arrived so far.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Waits until more bytes have arrived.</summary>
    public void WaitForMore(long bytes)
    {
        long goal = Received + bytes;
        LabWait.Until(() => Received >= goal || _receive.IsCompleted, $"{bytes} more bytes have arrived");
        if (Received < goal)
        {
            LabWait.For(_receive, "the receiver has ended");
            throw new LabFailureException($"the connection ended after {Received} bytes");
        }
    }

    /// <summary>Sends no more, where no length was given, and waits for the last byte.</summary>
    /// <returns>How many bytes went, all of them as they were sent.</returns>
    public long Finish()
    {
        _isStopping = _length == long.MaxValue;
        if (!Task.WaitAll([_send, _receive], 4 * LabWait.Milliseconds))
        {
            throw new LabFailureException($"a transfer did not end; {Received} bytes have arrived");
        }

        if (_send.Result.Length != _receive.Result.Length || !_send.Result.Hash.AsSpan().SequenceEqual(_receive.Result.Hash))
        {
            throw new LabFailureException($"{_send.Result.Length} bytes were sent and {_receive.Result.Length} arrived, not all the same");
        }

        return _receive.Result.Length;
    }

    private (byte[] Hash, long Length) Send()
    {
        var random = new Random(_seed);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = new byte[Chunk];
        long sent = 0;
        while (sent < _length && !_isStopping)
        {
            random.NextBytes(chunk);
            Span<byte> next = chunk.AsSpan(0, (int)Math.Min(Chunk, _length - sent));
            hash.AppendData(next);
            sent += next.Length;
            for (int at = 0; at < next.Length;)
            {
                at += _from.Send(next[at..]);
            }
        }

        _from.Shutdown(SocketShutdown.Send);
        return (hash.GetHashAndReset(), sent);
    }

    private (byte[] Hash, long Length) Receive()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] chunk = new byte[Chunk];
        long length = 0;
        for (int received; (received = _to.Receive(chunk)) > 0; length += received)
        {
            hash.AppendData(chunk, 0, received);
            Interlocked.Add(ref _received, received);
        }

        return (hash.GetHashAndReset(), length);
    }
}
