namespace TcpAo.Hosting.Telemetry;

/// <summary>Writes events to a stream as they come, on a thread of its own: for a program that has no control socket.</summary>
internal sealed class TraceFile : IDisposable
{
    private const int Interval = 20;

    private readonly TraceSubscription _subscription;
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stopping = new();

    private TraceFile(TraceSubscription subscription, Stream stream, TimeProvider time, Action<string> log)
    {
        _subscription = subscription;
        _stream = stream;
        _time = time;
        _log = log;
        _thread = new Thread(Run) { Name = "tcpao trace", IsBackground = true };
    }

    /// <summary>Begins to write.</summary>
    /// <param name="hub">Where the events come from; nobody listens yet.</param>
    /// <param name="filter">Which ones.</param>
    /// <param name="stream">Takes them; it stays open.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Takes lines for the operator.</param>
    public static TraceFile Start(EventHub hub, TraceFilter filter, Stream stream, TimeProvider time, Action<string> log)
    {
        var file = new TraceFile(hub.TrySubscribe(filter)!, stream, time, log);
        file._thread.Start();
        return file;
    }

    /// <summary>Writes what is left, and ends.</summary>
    public void Dispose()
    {
        _stopping.Set();
        _thread.Join();
        _subscription.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        try
        {
            using var lines = new MemoryStream();
            while (true)
            {
                bool isLast = _stopping.Wait(Interval);
                while (TraceLines.TryWrite(_subscription, _time, lines))
                {
                    _stream.Write(lines.GetBuffer().AsSpan(0, (int)lines.Length));
                    _stream.Flush();
                    lines.SetLength(0);
                }

                if (isLast)
                {
                    return;
                }
            }
        }
        catch (IOException error)
        {
            _log($"the trace ends here: {error.Message}");
        }
    }
}
