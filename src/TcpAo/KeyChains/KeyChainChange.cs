using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>A change of the key that a chain chooses for one direction.</summary>
/// <param name="At">When.</param>
/// <param name="Before">The key until then; null for none.</param>
/// <param name="After">The key from then on; null for none.</param>
public readonly record struct KeyChainChange(DateTimeOffset At, AoKey? Before, AoKey? After);
