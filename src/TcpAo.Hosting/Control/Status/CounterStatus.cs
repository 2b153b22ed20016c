using System.Collections.Immutable;

namespace TcpAo.Hosting.Control.Status;

/// <summary>What was counted; the first five are Linux' TCPAO counters.</summary>
/// <param name="Good">Segments verified.</param>
/// <param name="Bad">Segments with a wrong MAC or MAC length.</param>
/// <param name="KeyNotFound">Segments whose KeyID names no accepted key.</param>
/// <param name="Required">Unsigned segments where a signature is required.</param>
/// <param name="DroppedIcmps">ICMP hard errors ignored.</param>
/// <param name="Refused">Segments dropped, by reason; null where it is not counted.</param>
/// <param name="WouldRefuse">Segments that passed in mode <c>monitor</c> alone, by reason; null where it is not counted.</param>
public sealed record CounterStatus(
    ulong Good,
    ulong Bad,
    ulong KeyNotFound,
    ulong Required,
    ulong DroppedIcmps,
    ImmutableSortedDictionary<string, long>? Refused = null,
    ImmutableSortedDictionary<string, long>? WouldRefuse = null);
