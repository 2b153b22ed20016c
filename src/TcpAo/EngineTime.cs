namespace TcpAo;

/// <summary>The time of a call: the engine has no clock.</summary>
/// <param name="Utc">Wall-clock time, which key lifetimes follow. It may step.</param>
/// <param name="Monotonic">Milliseconds since any fixed point, which never go back; time-outs follow them.</param>
public readonly record struct EngineTime(DateTimeOffset Utc, long Monotonic);
