// The ring is D. Vyukov's bounded queue with a sequence number in each slot, for many writers and one reader.
namespace TcpAo.Hosting.Telemetry;

/// <summary>
/// The events that one listener has not read yet, at most <see cref="Capacity"/>. Who writes never waits, allocates or wakes anybody: what does not fit is lost and counted, and the reader looks
/// for itself now and then.
/// </summary>
internal sealed class TraceSubscription : IDisposable
{
    /// <summary>How many events can wait; a power of two.</summary>
    public const int Capacity = 4096;

    private readonly Action<TraceSubscription> _end;
    private readonly Slot[] _slots = new Slot[Capacity];
    private long _written;
    private long _read;
    private long _lost;

    public TraceSubscription(TraceFilter filter, Action<TraceSubscription> end)
    {
        Filter = filter;
        _end = end;
        for (int i = 0; i < Capacity; i++)
        {
            _slots[i].Turn = i;
        }
    }

    /// <summary>What is wanted.</summary>
    public TraceFilter Filter { get; }

    /// <summary>Takes an event if it is wanted and there is room. From any thread.</summary>
    public void Offer(in TracedEvent traced)
    {
        if (!Filter.Matches(traced.Origin, traced.Event))
        {
            return;
        }

        while (true)
        {
            long at = Volatile.Read(ref _written);
            ref Slot slot = ref _slots[at % Capacity];
            long turn = Volatile.Read(ref slot.Turn);
            if (turn < at)
            {
                // not read since the last time round
                Interlocked.Increment(ref _lost);
                return;
            }

            if (turn == at && Interlocked.CompareExchange(ref _written, at + 1, at) == at)
            {
                slot.Event = traced;
                Volatile.Write(ref slot.Turn, at + 1);
                return;
            }
        }
    }

    /// <summary>The oldest event that waits. On one thread at a time.</summary>
    public bool TryRead(out TracedEvent traced)
    {
        ref Slot slot = ref _slots[_read % Capacity];
        if (Volatile.Read(ref slot.Turn) != _read + 1)
        {
            traced = default;
            return false;
        }

        traced = slot.Event;
        Volatile.Write(ref slot.Turn, _read + Capacity);
        _read++;
        return true;
    }

    /// <summary>How many events found no room since the last call.</summary>
    public long TakeLost() => Interlocked.Exchange(ref _lost, 0);

    /// <summary>Listens no more.</summary>
    public void Dispose() => _end(this);

    private struct Slot
    {
        /// <summary>The number of the event that may be written here; one more once it is.</summary>
        public long Turn;

        public TracedEvent Event;
    }
}
