using System.Collections.Immutable;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Hosting.Fleet;

/// <summary>A chain of the fleet at one moment.</summary>
/// <param name="Document">Its document, whose seal is right; null where the store has none.</param>
/// <param name="Revision">The store's revision at which it was last changed; 0 for never.</param>
/// <param name="Hosts">The hosts that report, by name.</param>
public sealed record FleetChain(ChainDocument? Document, long Revision, ImmutableDictionary<string, HostDocument> Hosts);
