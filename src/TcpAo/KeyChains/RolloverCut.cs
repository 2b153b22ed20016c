using TcpAo.Keys;

namespace TcpAo.KeyChains;

/// <summary>An old key whose lifetimes end because of a rollover; what began stays.</summary>
/// <param name="KeyIndex">Which entry of <see cref="KeyChain.Keys"/>.</param>
/// <param name="Send">Its send lifetime from now on.</param>
/// <param name="Accept">Its accept lifetime from now on, without the chain's tolerance.</param>
public readonly record struct RolloverCut(int KeyIndex, KeyLifetime Send, KeyLifetime Accept);
