using System.Diagnostics.Metrics;

namespace TcpAo.Hosting.Telemetry;

/// <summary>
/// The instruments of the meter <c>TcpAo</c> (docs/reference/metrics.md). All of them are observed: the data plane keeps its counters as it did, and a segment pays nothing for being
/// measured.
/// </summary>
internal sealed class TcpAoMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "TcpAo";

    private static readonly TimeSpan s_freshness = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Func<MetricsReading> _read;
    private readonly TimeProvider _time;
    private MetricsReading? _last;
    private long _lastAt;

    /// <param name="factory">Makes the meter, and owns it.</param>
    /// <param name="read">Reads the data plane; called once a second at most, however often somebody asks.</param>
    /// <param name="time">The clock.</param>
    public TcpAoMetrics(IMeterFactory factory, Func<MetricsReading> read, TimeProvider time)
    {
        (_read, _time) = (read, time);
        Meter = factory.Create(MeterName);
        Meter.CreateObservableCounter("tcpao.segments", Segments, "{segment}", "TCP segments of protected peers: accepted, or refused or held back, by reason.");
        Meter.CreateObservableCounter("tcpao.icmp.dropped", () => Reading.IcmpDropped, "{message}", "ICMP errors ignored because they would end a signed connection.");
        Meter.CreateObservableUpDownCounter("tcpao.connections", Connections, "{connection}", "Connections with protected peers, by state.");
        Meter.CreateObservableCounter("tcpao.key.changes", KeyChanges, "{change}", "Changes of the key that a connection signs with (current) or asks its peer for (rnext).");
        Meter.CreateObservableGauge("tcpao.key.time_to_expiry", TimeToExpiry, "s", "Time until no key of a chain may sign; 0 where none may. Chains that never run out are left out.");
        Meter.CreateObservableGauge("tcpao.queue.depth", QueueDepth, "{packet}", "Packets that wait in a queue for a verdict.");
        Meter.CreateObservableCounter("tcpao.queue.drops", QueueDrops, "{packet}", "Packets that the kernel dropped because a queue or its socket's buffer was full.");
    }

    /// <summary>The meter.</summary>
    public Meter Meter { get; }

    private MetricsReading Reading
    {
        get
        {
            lock (_gate)
            {
                long now = _time.GetTimestamp();
                if (_last is null || _time.GetElapsedTime(_lastAt, now) >= s_freshness)
                {
                    (_last, _lastAt) = (_read(), now);
                }

                return _last;
            }
        }
    }

    private IEnumerable<Measurement<long>> Segments() => Reading.Segments.Select(one => new Measurement<long>(
        one.Count, new KeyValuePair<string, object?>("tcpao.direction", one.Direction), new KeyValuePair<string, object?>("tcpao.result", one.Result)));

    private IEnumerable<Measurement<long>> Connections() => Reading.Connections.Select(one => new Measurement<long>(one.Count, new KeyValuePair<string, object?>("tcpao.state", one.State)));

    private IEnumerable<Measurement<long>> KeyChanges()
    {
        MetricsReading reading = Reading;
        yield return new Measurement<long>(reading.CurrentKeyChanges, new KeyValuePair<string, object?>("tcpao.key.role", "current"));
        yield return new Measurement<long>(reading.RNextKeyChanges, new KeyValuePair<string, object?>("tcpao.key.role", "rnext"));
    }

    private IEnumerable<Measurement<double>> TimeToExpiry() => Reading.TimeToExpiry.Select(one => new Measurement<double>(one.Seconds, new KeyValuePair<string, object?>("tcpao.keychain", one.Chain)));

    private IEnumerable<Measurement<long>> QueueDepth() => Reading.Queues.Select(queue => new Measurement<long>(queue.Depth, IdOf(queue.Queue)));

    private IEnumerable<Measurement<long>> QueueDrops() => Reading.Queues.Select(queue => new Measurement<long>(queue.QueueDropped + queue.UserDropped, IdOf(queue.Queue)));

    private static KeyValuePair<string, object?> IdOf(int queue) => new("tcpao.queue.id", queue);
}
