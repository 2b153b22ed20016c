using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>One thing to do to a socket's keys.</summary>
/// <param name="Kind">What.</param>
/// <param name="Key">The key to add, sign with or ask for.</param>
/// <param name="Old">The key to take off.</param>
internal readonly record struct SocketKeyStep(SocketKeyStepKind Kind, AoKey? Key, PresentKey Old = default);
