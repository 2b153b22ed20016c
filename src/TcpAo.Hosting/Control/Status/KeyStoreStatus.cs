using System.Collections.Immutable;

namespace TcpAo.Hosting.Control.Status;

/// <summary>How it stands with the key store.</summary>
/// <param name="Host">Name of this host in the fleet.</param>
/// <param name="Reachable">Whether it answered last.</param>
/// <param name="Problem">Why it did not; null where it did.</param>
/// <param name="Chains">The chains that come from it.</param>
public sealed record KeyStoreStatus(string Host, bool Reachable, string? Problem, ImmutableArray<StoredChainStatus> Chains);
