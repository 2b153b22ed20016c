using System.Collections.Immutable;

namespace TcpAo.Hosting.Recipes;

/// <summary>A recipe that cannot be written, since the other side cannot do what the chain asks for.</summary>
/// <param name="sentences">Why, one sentence each.</param>
public sealed class RecipeException(ImmutableArray<string> sentences) : Exception(string.Join('\n', sentences))
{
    /// <summary>Why, one sentence each.</summary>
    public ImmutableArray<string> Sentences { get; } = sentences;
}
