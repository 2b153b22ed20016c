using System.Collections.Immutable;

namespace TcpAo.Hosting.Configuration;

/// <summary>A piece of a configuration with its place. Scalars stay text: what a text means, its reader knows and YAML does not.</summary>
internal sealed class ConfigNode(ConfigNodeKind kind, int line, int column)
{
    internal ConfigNodeKind Kind => kind;

    internal int Line => line;

    internal int Column => column;

    /// <summary>Where it begins in the text, in characters from 0.</summary>
    internal int Start { get; init; }

    /// <summary>Where it ends: behind its last character, comments and line ends not included.</summary>
    internal int End { get; init; }

    /// <summary>Whether a list or map is written in brackets or braces.</summary>
    internal bool IsFlow { get; init; }

    /// <summary>The text of a scalar; may be a secret.</summary>
    internal string Text { get; init; } = "";

    /// <summary>Whether a scalar was written without quotes.</summary>
    internal bool IsPlain { get; init; }

    /// <summary>The members of a list.</summary>
    internal ImmutableArray<ConfigNode> Items { get; init; } = [];

    /// <summary>The keys and values of a map in their order; a key may be there twice.</summary>
    internal ImmutableArray<KeyValuePair<ConfigNode, ConfigNode>> Entries { get; init; } = [];

    /// <summary>Whether nothing was written.</summary>
    internal bool IsNull => Kind == ConfigNodeKind.Scalar && IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>"a list", "a mapping" or "a text", for messages.</summary>
    internal string KindText => Kind switch
    {
        ConfigNodeKind.List => "a list",
        ConfigNodeKind.Map => "a mapping",
        _ => "a single value",
    };

    /// <summary>How a member of a list is called in a path: the text under <paramref name="key"/>, or its position.</summary>
    internal string Label(string key, int index)
    {
        foreach (KeyValuePair<ConfigNode, ConfigNode> entry in Entries)
        {
            if (string.Equals(entry.Key.Text, key, StringComparison.Ordinal) && entry.Value.Kind == ConfigNodeKind.Scalar && !entry.Value.IsNull)
            {
                return Shown.Bare(entry.Value.Text);
            }
        }

        return $"#{index + 1}";
    }
}
