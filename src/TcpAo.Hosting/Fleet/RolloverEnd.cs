using System.Collections.Immutable;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Hosting.Fleet;

/// <summary>How a coordinator ended.</summary>
/// <param name="IsComplete">Whether the rollover is over.</param>
/// <param name="Document">The chain as it is now.</param>
/// <param name="Obstacles">What it waits for, where it is not over.</param>
public sealed record RolloverEnd(bool IsComplete, ChainDocument Document, ImmutableArray<string> Obstacles);
