using System.Collections.Immutable;

namespace TcpAo.Hosting.Control.Status;

/// <summary>A key chain.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Keys">Its keys.</param>
public sealed record KeyChainStatus(string Name, ImmutableArray<KeyStatus> Keys);
