namespace TcpAo.Hosting.Control.Status;

/// <summary>A change of the keys that a chain chooses.</summary>
/// <param name="At">When.</param>
/// <param name="SendKey">SendID of the key that signs from then on; null for none.</param>
/// <param name="RnextKey">RecvID of the key that is asked for from then on; null for none.</param>
public sealed record KeyChangeStatus(DateTimeOffset At, int? SendKey, int? RnextKey);
