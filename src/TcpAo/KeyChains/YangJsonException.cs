using System.Collections.Immutable;

namespace TcpAo.KeyChains;

/// <summary>A text that is not RFC 7951 JSON of key chains, with everything that is wrong with it; never with a secret.</summary>
/// <param name="errors">One sentence each, with its place.</param>
public sealed class YangJsonException(ImmutableArray<string> errors) : Exception(string.Join('\n', errors))
{
    /// <summary>One sentence each, with its place in the tree.</summary>
    public ImmutableArray<string> Errors { get; } = errors;
}
