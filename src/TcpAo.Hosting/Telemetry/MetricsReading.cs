using System.Collections.Immutable;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Hosting.Telemetry;

/// <summary>What the instruments of <see cref="TcpAoMetrics"/> show, read from the data plane at one moment.</summary>
/// <param name="Segments">Segments by direction (<c>in</c>, <c>out</c>) and result.</param>
/// <param name="IcmpDropped">ICMP hard errors ignored.</param>
/// <param name="Connections">Connections by state.</param>
/// <param name="CurrentKeyChanges">Changes of the key that we sign with.</param>
/// <param name="RNextKeyChanges">Changes of the key that we ask for.</param>
/// <param name="TimeToExpiry">Seconds until no key of a chain may sign, by chain; 0 where none may. Chains that never run out are left out.</param>
/// <param name="Queues">The queues.</param>
internal sealed record MetricsReading(
    ImmutableArray<(string Direction, string Result, long Count)> Segments,
    long IcmpDropped,
    ImmutableArray<(string State, long Count)> Connections,
    long CurrentKeyChanges,
    long RNextKeyChanges,
    ImmutableArray<(string Chain, double Seconds)> TimeToExpiry,
    ImmutableArray<QueueStatus> Queues);
