using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Links;

/// <summary>One direction of a <see cref="SoftLink"/>: a thread that takes frames from one interface and gives them to another when they are due.</summary>
internal sealed unsafe class SoftLinkDirection : IDisposable
{
    private const int MaxFrame = 64 * 1024;
    private const int FramesPerTurn = 64;

    private readonly PacketSocket _from;
    private readonly PacketSocket _to;
    private readonly SoftLinkOptions _options;
    private readonly SoftLinkFilter? _filter;
    private readonly bool _isFromFirst;
    private readonly Random _random;
    private readonly SafeDescriptor _stop = Libc.EventDescriptor();
    private readonly PriorityQueue<ArraySegment<byte>, (long Due, long Number)> _waiting = new();
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private SoftLinkCounters _counters;
    private long _lineFreeAt;
    private long _number;

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "A lossy line is to be the same in every run.")]
    public SoftLinkDirection(PacketSocket from, PacketSocket to, bool isFromFirst, SoftLinkOptions options, SoftLinkFilter? filter)
    {
        (_from, _to, _isFromFirst, _options, _filter) = (from, to, isFromFirst, options, filter);
        _random = new Random((options.Seed * 2) + (isFromFirst ? 0 : 1));
        _thread = new Thread(Run) { Name = "soft link", IsBackground = true };
        _thread.Start();
    }

    public SoftLinkCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return _counters;
            }
        }
    }

    public void Dispose()
    {
        Libc.Raise(_stop);
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        byte[] buffer = new byte[MaxFrame];
        bool isHeld = false;
        try
        {
            _from.Descriptor.DangerousAddRef(ref isHeld);
            PollDescriptor* polled = stackalloc PollDescriptor[2];
            polled[0] = new PollDescriptor { Descriptor = (int)_from.Descriptor.DangerousGetHandle(), Events = PollDescriptor.POLLIN };
            polled[1] = new PollDescriptor { Descriptor = (int)_stop.DangerousGetHandle(), Events = PollDescriptor.POLLIN };
            while (true)
            {
                Libc.Poll(polled, 2, MillisecondsUntilNext());
                if (polled[1].Returned != 0)
                {
                    return;
                }

                lock (_gate)
                {
                    Turn(buffer);
                }
            }
        }
        finally
        {
            if (isHeld)
            {
                _from.Descriptor.DangerousRelease();
            }
        }
    }

    private void Turn(byte[] buffer)
    {
        for (int i = 0; i < FramesPerTurn; i++)
        {
            int length = _from.TryReceive(buffer);
            if (length == 0)
            {
                break;
            }

            if (length < 0)
            {
                _counters = _counters with { Unfit = _counters.Unfit + 1 };
            }
            else
            {
                Take(buffer.AsSpan(0, length));
            }
        }

        long now = Stopwatch.GetTimestamp();
        while (_waiting.TryPeek(out ArraySegment<byte> frame, out (long Due, long Number) at) && at.Due <= now)
        {
            _waiting.Dequeue();
            Deliver(frame);
            ArrayPool<byte>.Shared.Return(frame.Array!);
        }
    }

    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "A lossy line is to be the same in every run.")]
    private void Take(ReadOnlySpan<byte> frame)
    {
        _counters = _counters with { Received = _counters.Received + 1 };
        if (_filter is not null && !_filter(frame, _isFromFirst))
        {
            _counters = _counters with { Swallowed = _counters.Swallowed + 1 };
            return;
        }

        if (_options.IsWire)
        {
            Deliver(frame);
            return;
        }

        // three numbers a frame, always: a setting changes nothing in what another does
        bool isLost = _random.NextDouble() < _options.Loss;
        bool isLate = _random.NextDouble() < _options.Reordering;
        bool isDouble = _random.NextDouble() < _options.Duplication;
        if (_waiting.Count >= _options.QueueLength)
        {
            _counters = _counters with { Overflowed = _counters.Overflowed + 1 };
            return;
        }

        long due = Math.Max(Stopwatch.GetTimestamp(), _lineFreeAt);
        if (_options.BitsPerSecond > 0)
        {
            due += frame.Length * 8L * Stopwatch.Frequency / _options.BitsPerSecond;
            _lineFreeAt = due;
        }

        if (isLost)
        {
            _counters = _counters with { Lost = _counters.Lost + 1 };
            return;
        }

        due += Ticks(_options.Delay);
        Wait(frame, isLate ? due + Ticks(_options.ReorderingDelay) : due);
        _counters = _counters with { Reordered = _counters.Reordered + (isLate ? 1 : 0), Duplicated = _counters.Duplicated + (isDouble ? 1 : 0) };
        if (isDouble)
        {
            Wait(frame, due);
        }
    }

    private void Wait(ReadOnlySpan<byte> frame, long due)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.CopyTo(copy);
        _waiting.Enqueue(new ArraySegment<byte>(copy, 0, frame.Length), (due, _number++));
    }

    private void Deliver(ReadOnlySpan<byte> frame)
    {
        if (_to.TrySend(frame))
        {
            _counters = _counters with { Delivered = _counters.Delivered + 1 };
        }
    }

    private int MillisecondsUntilNext()
    {
        if (!_waiting.TryPeek(out _, out (long Due, long Number) at))
        {
            return -1;
        }

        double left = (at.Due - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency;
        return (int)Math.Ceiling(Math.Clamp(left, 0, 1000));
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);
}
