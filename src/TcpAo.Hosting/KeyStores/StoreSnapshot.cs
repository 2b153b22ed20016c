using System.Collections.Immutable;

namespace TcpAo.Hosting.KeyStores;

/// <summary>Entries as they were at one revision.</summary>
/// <param name="Revision">The revision; a watch goes on from the next.</param>
/// <param name="Entries">The entries.</param>
public sealed record StoreSnapshot(long Revision, ImmutableArray<StoreEntry> Entries);
