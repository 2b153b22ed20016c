using TcpAo.Diagnostics;

namespace TcpAo.Hosting.Telemetry;

/// <summary>An event, with when and where it was.</summary>
internal readonly record struct TracedEvent(DateTimeOffset Time, TraceOrigin Origin, AoEvent Event);
