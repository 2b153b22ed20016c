using System.Collections.Concurrent;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// One queue and its engine on one thread: takes packets in batches, has each decided, hands the verdicts back. What others want of the
/// engine is posted to this thread.
/// </summary>
internal sealed class QueueWorker : IDisposable
{
    private const int LongestWait = 1000;
    private const byte ProtocolTcp = 6;
    private const byte ProtocolIcmp = 1;
    private const byte ProtocolIcmpv6 = 58;

    private readonly NfQueue _queue;
    private readonly HostLinks _links;
    private readonly InterfaceMtu _mtu;
    private readonly PacketSender? _sender;
    private readonly TimeProvider _time;
    private readonly SegmentBatch _together = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Thread _thread;
    private volatile bool _stopping;
    private Exception? _failure;

    public QueueWorker(NfQueue queue, AoEngine engine, HostLinks links, InterfaceMtu mtu, PacketSender? sender, TimeProvider time)
    {
        _queue = queue;
        _sender = sender;
        Engine = engine;
        _links = links;
        _mtu = mtu;
        _time = time;
        _thread = new Thread(Run) { Name = $"tcpao queue {queue.Number}", IsBackground = true };
    }

    /// <summary>The engine; used on the worker's thread alone.</summary>
    public AoEngine Engine { get; }

    /// <summary>Is told what was refused; set before the start.</summary>
    public RefusalLog? Refusals { get; set; }

    /// <summary>Tells programs of what no key may sign; set before the start.</summary>
    public LocalReject? Rejects { get; set; }

    /// <summary>Is called by the loop at least once a second; set before the start.</summary>
    public Action? Beat { get; set; }

    /// <summary>Sees each packet; set before the start.</summary>
    public ISegmentHook? Hook { get; set; }

    /// <summary>Is held while the engine is used, also by whoever else uses it: between two batches it is free.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Number of the queue.</summary>
    public int Number => _queue.Number;

    /// <summary>Completes when the thread ends; failed when it ended by itself.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Start() => _thread.Start();

    /// <summary>Has something done with the engine on the worker's thread, soon.</summary>
    public void Post(Action<AoEngine> action)
    {
        _posted.Enqueue(() => action(Engine));
        _queue.Wake();
    }

    /// <summary>Notes a decision that has a reason: for people and, where no key may sign, for the program. With the gate held.</summary>
    public void NoteRefusal(ReadOnlySpan<byte> packet, bool isOutbound, in AoDecision decision, in SegmentContext context)
    {
        Refusals?.Note(packet, isOutbound, decision, Engine, context);
        if (isOutbound && decision.Reason == DropReason.NoSendKey)
        {
            Rejects?.Note(packet, Engine, context);
        }
    }

    /// <summary>The time as the engine takes it.</summary>
    public EngineTime Now() => Read(_time);

    /// <summary>The time as the engine takes it.</summary>
    public static EngineTime Read(TimeProvider time) => new(time.GetUtcNow(), (long)time.GetElapsedTime(0).TotalMilliseconds);

    /// <summary>Has something done on the worker's thread and waits for it.</summary>
    /// <exception cref="InvalidOperationException">It failed, or the thread has ended and will do nothing more.</exception>
    public void Do(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _posted.Enqueue(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
#pragma warning disable CA1031 // rethrown by the caller
            catch (Exception error)
#pragma warning restore CA1031
            {
                done.SetException(error);
            }
        });
        _queue.Wake();
        Task.WaitAny(done.Task, Ended.Task);
        if (!done.Task.IsCompleted)
        {
            throw new InvalidOperationException("The data plane has ended.", Ended.Task.Exception?.GetBaseException());
        }

        if (done.Task.Exception is { } failure)
        {
            throw new InvalidOperationException("The data plane could not do it.", failure.GetBaseException());
        }
    }

    /// <summary>Waits until the packets that are in the queue now are decided, up to a batch of them.</summary>
    public void Drain()
    {
        // the first may come in the middle of a turn of the loop; between it and the second there is a whole one
        Do(static () => { });
        Do(static () => { });
    }

    public void Dispose()
    {
        _stopping = true;
        _queue.Wake();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _queue.Dispose();
        _mtu.Dispose();
        _sender?.Dispose();
    }

    private void Run()
    {
        try
        {
            long nextTick = 0;
            while (!_stopping)
            {
                if (_queue.TryReceive(LongestWait, out NfQueueBatch batch))
                {
                    lock (Gate)
                    {
                        EngineTime time = Now();
                        if (_links.Matters)
                        {
                            _links.Follow();
                        }

                        Decide(batch, time);
                    }

                    _queue.Complete();
                }

                lock (Gate)
                {
                    while (_posted.TryDequeue(out Action? action))
                    {
                        action();
                    }

                    EngineTime now = Now();
                    if (now.Monotonic >= nextTick)
                    {
                        Engine.Tick(now);
                        nextTick = now.Monotonic + LongestWait;
                    }
                }

                Beat?.Invoke();
            }
        }
#pragma warning disable CA1031 // the thread's end is the program's: what is queued from then on is dropped by the kernel
        catch (Exception error)
#pragma warning restore CA1031
        {
            _failure = error;
        }

        if (_failure is null)
        {
            Ended.SetResult();
        }
        else
        {
            Ended.SetException(_failure);
        }
    }

    private void Decide(NfQueueBatch batch, in EngineTime time)
    {
        // few packets are decided at once, that throughput costs no latency
        bool isTogether = batch.Count is >= SegmentBatch.Fewest and <= SegmentBatch.Capacity;
        if (isTogether)
        {
            Foresee(batch, time);
        }

        int index = 0;
        foreach (NfQueuePacket packet in batch)
        {
            if (!IsWhole(packet))
            {
                packet.Drop();
                continue;
            }

            SegmentContext context = ContextOf(packet, time);
            if (Hook?.Begin(packet.Payload, packet.IsOutbound, context) is { } settled)
            {
                Settle(packet, settled);
            }
            else
            {
                AoDecision decision = isTogether ? Engine.Process(_together, index, batch.Buffer)
                    : packet.IsOutbound ? Engine.ProcessOutbound(packet.Buffer, packet.Payload.Length, context)
                    : Engine.ProcessInbound(packet.Buffer, packet.Payload.Length, context);
                Settle(packet, Judge(packet, context, decision));
            }

            index++;
        }

        if (isTogether)
        {
            Sign(batch);
        }
    }

    private void Foresee(NfQueueBatch batch, in EngineTime time)
    {
        _together.Clear();
        foreach (NfQueuePacket packet in batch)
        {
            if (IsWhole(packet))
            {
                _together.Add(packet.Offset, packet.Payload.Length, packet.Buffer.Length, packet.IsOutbound, ContextOf(packet, time));
            }
        }

        Engine.Foresee(_together, batch.Buffer);
    }

    private void Sign(NfQueueBatch batch)
    {
        _together.Sign(batch.Buffer);
        int index = 0;
        foreach (NfQueuePacket packet in batch)
        {
            if (IsWhole(packet) && _together.IsLost(index++))
            {
                packet.Drop();
            }
        }
    }

    private SegmentContext ContextOf(in NfQueuePacket packet, in EngineTime time) => packet.IsOutbound
        ? new SegmentContext(time, _links.VrfOf(packet.OutInterface), Interface: packet.OutInterface)
        : new SegmentContext(time, _links.VrfOf(packet.InInterface), RouteMtu: _mtu.Of(packet.InInterface), Interface: packet.InInterface);

    private AoDecision Judge(in NfQueuePacket packet, in SegmentContext context, AoDecision decision)
    {
        decision = Hook?.End(packet.IsOutbound, context, decision) ?? decision;
        if (decision.Reason != DropReason.None)
        {
            NoteRefusal(packet.Payload, packet.IsOutbound, decision, context);
        }

        return decision;
    }

    private void Settle(in NfQueuePacket packet, in AoDecision decision)
    {
        switch (decision.Verdict)
        {
            case AoVerdict.Pass:
                packet.Accept();
                break;
            case AoVerdict.Rewrite:
                SendRest(packet, decision.RestLength);
                packet.AcceptChanged(decision.Length);
                break;
            default:
                packet.Drop();
                break;
        }
    }

    /// <summary>
    /// The second part of a segment that was too long. It is unsigned, and goes where the stack's own segments go: our rules queue it, behind the first part, or drop
    /// it once we are dead. Where it is lost the stack sends it again.
    /// </summary>
    private void SendRest(in NfQueuePacket packet, int length)
    {
        if (length > 0)
        {
            _sender?.TrySend(packet.Buffer[^length..], packet.OutInterface, packet.Mark);
        }
    }

    /// <summary>What cannot be read as a whole cannot be verified; the rules send TCP and ICMP alone, and anything else is not ours to let through.</summary>
    private static bool IsWhole(in NfQueuePacket packet) => !packet.IsTruncated && MayConcernUs(packet.Payload);

    private static bool MayConcernUs(ReadOnlySpan<byte> packet)
    {
        const int IPv4Protocol = 9;
        return packet.Length > IPv4Protocol && (packet[0] >> 4 != 4 || packet[IPv4Protocol] is ProtocolTcp or ProtocolIcmp or ProtocolIcmpv6);
    }
}
