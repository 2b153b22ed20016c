using System.Collections.Immutable;
using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>A rollover: a new key, and the ends of the old ones. Made by <see cref="RolloverPlanner"/>.</summary>
/// <param name="Id">Number of the new key in the chain.</param>
/// <param name="SendId">Its KeyID for what we sign.</param>
/// <param name="RecvId">Its KeyID for what the peer signs.</param>
/// <param name="Send">When it signs.</param>
/// <param name="Accept">When it is accepted: from now, before it signs.</param>
/// <param name="Cuts">The old keys that get an end.</param>
/// <param name="Warnings">What the operator has to know, one sentence each.</param>
public sealed record RolloverPlan(
    ulong Id,
    byte SendId,
    byte RecvId,
    KeyLifetime Send,
    KeyLifetime Accept,
    ImmutableArray<RolloverCut> Cuts,
    ImmutableArray<string> Warnings);
