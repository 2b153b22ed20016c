using TcpAo.Linux.Netfilter;

namespace TcpAo.Linux.Tests.Support;

/// <summary>A thread in a host that decides on the packets of a queue.</summary>
internal sealed class QueueLoop : IDisposable
{
    private readonly ManualResetEventSlim _bound = new();
    private readonly Task _task;
    private NfQueue? _queue;
    private volatile bool _isStopping;
    private long _packets;

    public QueueLoop(Host host, ushort number, PacketHandler handler, NfQueueOptions? options = null)
    {
        _task = host.Space.Start($"queue {number}", () => Loop(number, handler, options));
        _ = _task.ContinueWith(_ => _bound.Set(), TaskScheduler.Default);
        _bound.Wait(Wait.Milliseconds);
        if (_task.IsFaulted)
        {
            _task.GetAwaiter().GetResult();
        }
    }

    /// <summary>Packets decided on.</summary>
    public long Packets => Interlocked.Read(ref _packets);

    /// <summary>Bytes that the loop's thread allocated, after its first hundred packets.</summary>
    public long AllocatedBytes { get; private set; }

    public static void Accept(NfQueuePacket packet) => packet.Accept();

    /// <summary>Ends the loop; the queue is gone afterwards, as after the death of its process: its socket is closed.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _queue?.Wake();
        _task.GetAwaiter().GetResult();
        _bound.Dispose();
    }

    private void Loop(ushort number, PacketHandler handler, NfQueueOptions? options)
    {
        using NfQueue queue = NfQueue.Bind(number, options);
        _queue = queue;
        _bound.Set();
        long allocatedAtStart = 0;
        while (!_isStopping)
        {
            if (!queue.TryReceive(-1, out NfQueueBatch batch))
            {
                continue;
            }

            foreach (NfQueuePacket packet in batch)
            {
                handler(packet);
            }

            queue.Complete();
            Interlocked.Add(ref _packets, batch.Count);
            if (allocatedAtStart == 0 && _packets > 100)
            {
                allocatedAtStart = GC.GetAllocatedBytesForCurrentThread();
            }
        }

        AllocatedBytes = allocatedAtStart == 0 ? 0 : GC.GetAllocatedBytesForCurrentThread() - allocatedAtStart;
    }
}
