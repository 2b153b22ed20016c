namespace TcpAo.KeyChains;

/// <summary>Something that <see cref="KeyChainCheck"/> found. It never holds a character of a secret.</summary>
/// <param name="Code">What kind of thing it is, in one or two words that do not change, such as <c>weak-secret</c>.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Chain">Name of the chain; empty for the configuration as a whole.</param>
/// <param name="Key">Number of the key in the chain; null for the chain as a whole.</param>
/// <param name="KeyIndex">Which entry of <see cref="KeyChain.Keys"/>, or -1 for the chain as a whole.</param>
/// <param name="Leaf">The leaf below the key or chain, such as <c>send-id</c>; empty for the key or chain itself.</param>
/// <param name="Message">What was found.</param>
/// <param name="Hint">What to do about it, where that is known.</param>
public sealed record KeyFinding(string Code, KeyFindingSeverity Severity, string Chain, ulong? Key, int KeyIndex, string Leaf, string Message, string? Hint = null);
