namespace TcpAo.Hosting.Recipes;

/// <summary>What a kind of router makes of a key, without the router's name, so that several can be told at once.</summary>
/// <param name="Code">What kind of thing it is, in one or two words that do not change.</param>
/// <param name="IsLimit">Whether it cannot be done there; else it is something to mind.</param>
/// <param name="KeyIndex">Which key of the chain, or -1 for the chain as a whole.</param>
/// <param name="Leaf">The leaf that it is about; empty for the key itself.</param>
/// <param name="Message">A part of a sentence that begins with what the router does: <c>has no algorithm hmac-sha-256</c>.</param>
/// <param name="Hint">What to do about it.</param>
public sealed record VendorFinding(string Code, bool IsLimit, int KeyIndex, string Leaf, string Message, string? Hint = null);
