namespace TcpAo.KeyChains;

/// <summary>Something wrong with a key chain, and where.</summary>
/// <param name="Path">Where in the configuration tree, such as <c>key-chains[core].keys[2].send-id</c>; keys are named by their id.</param>
/// <param name="Message">What is wrong, without the path and never with a secret.</param>
/// <param name="Severity">Whether the chain can be used all the same.</param>
/// <param name="KeyIndex">Which entry of <see cref="KeyChain.Keys"/>, or -1 for the chain as a whole.</param>
/// <param name="Leaf">The leaf below the key or chain, such as <c>send-id</c>; empty for the key or chain itself.</param>
public sealed record KeyChainProblem(string Path, string Message, KeyChainSeverity Severity, int KeyIndex, string Leaf)
{
    /// <summary>What kind of problem it is, in one or two words that do not change, such as <c>id-clash</c>.</summary>
    public required string Code { get; init; }

    /// <summary>Path and message.</summary>
    public override string ToString() => $"{Path}: {Message}";
}
