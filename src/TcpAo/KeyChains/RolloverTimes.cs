namespace TcpAo.KeyChains;

/// <summary>The pace of a rollover.</summary>
/// <param name="Lead">From now, when the new key is accepted, until it signs: the time to give the key to the other end.</param>
/// <param name="Overlap">How long the old key may still sign after that, and how long it is accepted after that: clocks and peers that lag.</param>
/// <param name="SendFrom">When the new key signs, instead of <paramref name="Lead"/> from now; null for that.</param>
/// <param name="Duration">How long the new key signs; null for no end.</param>
public sealed record RolloverTimes(TimeSpan Lead, TimeSpan Overlap, DateTimeOffset? SendFrom = null, TimeSpan? Duration = null);
