using TcpAo.Connections;
using TcpAo.Hosting.Control.Status;
using TcpAo.Keys;
using TcpAo.Linux.Tun;
using TcpAo.Wire;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// The fast path on one thread: takes what the local TCP sends from the device, has it signed and sends it; takes what arrives from the links, has it verified
/// and hands it to the local TCP. The engine is that of a queue's worker, which keeps the rest: ICMP errors, and whatever the rules queue.
/// </summary>
internal sealed class TunWorker : IDisposable
{
    private const int LongestWait = 1000;

    private readonly TunPath _path;
    private readonly QueueWorker _queue;
    private readonly HostLinks _links;
    private readonly InterfaceMtu _mtu;
    private readonly Func<SocketPair, bool> _isProtected;
    private readonly SegmentBatch _batch = new();
    private readonly AoDecision[] _decisions = new AoDecision[TunPath.Capacity];
    private readonly SegmentContext[] _contexts = new SegmentContext[TunPath.Capacity];
    private readonly int[] _places = new int[TunPath.Capacity];
    private readonly int[] _lengths = new int[TunPath.Capacity];
    private readonly bool[] _hasDigest = new bool[TunPath.Capacity];
    private readonly Thread _thread;
    private volatile bool _stopping;
    private SocketPair _lastPair;
    private bool _isLastTaken;

    /// <param name="path">The device and its sockets; the worker's from now on.</param>
    /// <param name="queue">Whose engine it is.</param>
    /// <param name="links">The interfaces.</param>
    /// <param name="mtu">Their MTUs; the worker's from now on.</param>
    /// <param name="isProtected">Whether a connection is one whose segments the rules keep from the local TCP.</param>
    public TunWorker(TunPath path, QueueWorker queue, HostLinks links, InterfaceMtu mtu, Func<SocketPair, bool> isProtected)
    {
        _path = path;
        _queue = queue;
        _links = links;
        _mtu = mtu;
        _isProtected = isProtected;
        _thread = new Thread(Run) { Name = "tcpao tun", IsBackground = true };
    }

    /// <summary>Is called by the loop at least once a second; set before the start.</summary>
    public Action? Beat { get; set; }

    /// <summary>Completes when the thread ends; failed when it ended by itself.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What it has done.</summary>
    public DataPathStatus Status => new("tun", _path.Device.Name, _path.Sender.Direct, _path.Sender.Routed, _path.Sender.Lost + _path.Inbound.Lost);

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stopping = true;
        _path.Wake();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _path.Dispose();
        _mtu.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                TunReady ready = _path.Wait(LongestWait);
                if ((ready & TunReady.Inbound) != TunReady.None)
                {
                    Receive();
                }

                if ((ready & TunReady.Outbound) != TunReady.None)
                {
                    Send();
                }

                Beat?.Invoke();
            }

            Ended.SetResult();
        }
#pragma warning disable CA1031 // the thread's end is the program's: the rules drop what comes from then on
        catch (Exception error)
#pragma warning restore CA1031
        {
            Ended.SetException(error);
        }
    }

    private void Send()
    {
        int count = _path.Outbound.Fill(_path.Device);
        if (count == 0)
        {
            return;
        }

        lock (_queue.Gate)
        {
            EngineTime time = _queue.Now();
            if (count >= SegmentBatch.Fewest)
            {
                SignTogether(count, time);
            }
            else
            {
                for (int i = 0; i < count; i++)
                {
                    (int offset, int length, int room) = _path.Outbound[i];
                    Sign(offset, length, room, time);
                }
            }
        }

        _path.Sender.Flush();
    }

    private void SignTogether(int count, in EngineTime time)
    {
        byte[] buffer = _path.Outbound.Buffer;
        _batch.Clear();
        for (int i = 0; i < count; i++)
        {
            (int offset, int length, int room) = _path.Outbound[i];
            _contexts[i] = ContextOf(buffer.AsSpan(offset, length), time);
            _batch.Add(offset, length, room, isOutbound: true, _contexts[i]);
        }

        for (int i = 0; i < count; i++)
        {
            AoDecision decision = _queue.Engine.Process(_batch, i, buffer);
            (int offset, int length, _) = _path.Outbound[i];
            Note(buffer.AsSpan(offset, length), isOutbound: true, decision, _contexts[i]);
            _decisions[i] = decision;
        }

        _batch.Sign(buffer);
        for (int i = 0; i < count; i++)
        {
            AoDecision decision = _decisions[i];
            if (decision.Verdict != AoVerdict.Drop && !_batch.IsLost(i))
            {
                (int offset, int length, int room) = _path.Outbound[i];
                Send(offset, decision.Verdict == AoVerdict.Rewrite ? decision.Length : length, time);
                SignRest(offset, room, decision.RestLength, time);
            }
        }
    }

    private void Sign(int offset, int length, int room, in EngineTime time)
    {
        Span<byte> buffer = _path.Outbound.Buffer.AsSpan(offset, room);
        SegmentContext context = ContextOf(buffer, time);
        AoDecision decision = _queue.Engine.ProcessOutbound(buffer, length, context);
        Note(buffer[..length], isOutbound: true, decision, context);
        if (decision.Verdict != AoVerdict.Drop)
        {
            Send(offset, decision.Verdict == AoVerdict.Rewrite ? decision.Length : length, time);
            SignRest(offset, room, decision.RestLength, time);
        }
    }

    /// <summary>The second part of a segment that was too long takes the first one's place, once that is gone.</summary>
    private void SignRest(int offset, int room, int length, in EngineTime time)
    {
        if (length > 0)
        {
            _path.Sender.Flush();
            Span<byte> buffer = _path.Outbound.Buffer.AsSpan(offset, room);
            buffer[^length..].CopyTo(buffer);
            Sign(offset, length, room, time);
        }
    }

    private void Send(int offset, int length, in EngineTime time)
    {
        (IpAddressBits source, IpAddressBits destination) = AddressesOf(_path.Outbound.Buffer.AsSpan(offset, length));
        _path.Sender.Add(offset, length, source, destination, time.Monotonic);
    }

    /// <summary>With the link's MTU: behind the queue the kernel would say so of what is too long, here nobody does.</summary>
    private SegmentContext ContextOf(ReadOnlySpan<byte> packet, in EngineTime time)
    {
        (IpAddressBits source, IpAddressBits destination) = AddressesOf(packet);
        return new SegmentContext(time, RouteMtu: _path.Sender.MtuTo(source, destination));
    }

    private static (IpAddressBits Source, IpAddressBits Destination) AddressesOf(ReadOnlySpan<byte> packet) => packet[0] >> 4 == 6
        ? (IpAddressBits.FromBytes(packet.Slice(8, 16)), IpAddressBits.FromBytes(packet.Slice(24, 16)))
        : (IpAddressBits.FromBytes(packet.Slice(12, 4)), IpAddressBits.FromBytes(packet.Slice(16, 4)));

    private void Note(ReadOnlySpan<byte> packet, bool isOutbound, in AoDecision decision, in SegmentContext context)
    {
        if (decision.Reason != DropReason.None)
        {
            _queue.NoteRefusal(packet, isOutbound, decision, context);
        }
    }

    private void Receive()
    {
        int count = _path.Receiver.Receive();
        if (count == 0)
        {
            return;
        }

        byte[] buffer = _path.Receiver.Buffer;
        lock (_queue.Gate)
        {
            EngineTime time = _queue.Now();
            _batch.Clear();
            _isLastTaken = false;
            for (int i = 0; i < count; i++)
            {
                Gather(i, time);
            }

            _queue.Engine.Foresee(_batch, buffer);
            for (int i = 0; i < _batch.Count; i++)
            {
                Verify(i);
            }
        }

        _path.Inbound.Flush();
    }

    /// <summary>Puts a packet into the batch if it is one that the rules keep from the local TCP.</summary>
    private void Gather(int index, in EngineTime time)
    {
        ReceivedPacket received = _path.Receiver[index];

        // a port of a bridge or bond: the packet comes once more by that; in a VRF the rules queue it
        if (received.Length == 0 || _links.Find(received.Link) is { Master: not 0 } or { IsVrf: true })
        {
            return;
        }

        Span<byte> bytes = _path.Receiver.Buffer.AsSpan(received.Offset, received.Length);
        var context = new SegmentContext(time, Interface: received.Link);
        DropReason reason = TcpPacket.TryParse(bytes, out TcpPacket packet);
        if (reason != DropReason.None)
        {
            // what cannot be read as a whole cannot be verified, and is counted if it is of a peer's
            AoDecision decision = reason == DropReason.NotTcp ? AoDecision.Pass : _queue.Engine.ProcessInbound(bytes, bytes.Length, context);
            Note(bytes, isOutbound: false, decision, context);
            return;
        }

        SocketPair pair = AoEngine.InboundPair(packet, context);
        if (!IsTaken(pair))
        {
            return;
        }

        if ((packet.Flags & TcpFlags.Syn) != TcpFlags.None)
        {
            context = context with { RouteMtu = _mtu.Of(received.Link) };
        }

        _places[_batch.Count] = index;
        _hasDigest[_batch.Count] = packet.HasMd5;
        _lengths[_batch.Count] = packet.Bytes.Length;
        _contexts[_batch.Count] = context;
        _batch.Add(received.Offset, packet.Bytes.Length, received.Room, isOutbound: false, context);
    }

    /// <summary>Whether the rules drop such a segment, so that it is on us to hand it on; of a burst the first is looked at.</summary>
    private bool IsTaken(in SocketPair pair)
    {
        if (_isLastTaken && pair == _lastPair)
        {
            return true;
        }

        if (pair.Remote.IsLinkLocal || !_isProtected(pair) || !_path.Sender.IsLocal(pair.Local))
        {
            return false;
        }

        (_lastPair, _isLastTaken) = (pair, true);
        return true;
    }

    private void Verify(int at)
    {
        int index = _places[at];
        byte[] buffer = _path.Receiver.Buffer;
        (int offset, int length) = (_path.Receiver[index].Offset, _lengths[at]);
        AoEngine engine = _queue.Engine;
        ulong good = engine.Counters.Good;
        AoDecision decision = engine.Process(_batch, at, buffer);
        Note(buffer.AsSpan(offset, length), isOutbound: false, decision, _contexts[at]);
        if (decision.Verdict == AoVerdict.Drop)
        {
            return;
        }

        length = decision.Verdict == AoVerdict.Rewrite ? decision.Length : length;
        if (engine.Counters.Good != good || (_hasDigest[at] && decision.Reason == DropReason.None))
        {
            _path.Inbound.AddVerified(buffer.AsSpan(offset, length));
        }
        else
        {
            _path.Inbound.AddAsIs(_path.Receiver, index, length);
        }
    }
}
