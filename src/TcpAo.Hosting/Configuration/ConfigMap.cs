using System.Collections.Immutable;
using System.Globalization;

namespace TcpAo.Hosting.Configuration;

/// <summary>A mapping of the configuration, read strictly: keys are known and there once, values have their type. Reports and goes on.</summary>
internal sealed class ConfigMap
{
    private readonly ConfigReport _report;
    private readonly Dictionary<string, ConfigNode> _values = new(StringComparer.Ordinal);

    // what unknown keys were taken for, so that it is not reported missing as well
    private readonly HashSet<string> _meant = new(StringComparer.Ordinal);

    private ConfigMap(ConfigNode node, string path, ConfigReport report)
    {
        Node = node;
        Path = path;
        _report = report;
    }

    internal ConfigNode Node { get; }

    internal string Path { get; }

    /// <summary>Reads <paramref name="node"/> as a mapping that may have the keys <paramref name="known"/>; null when it is none.</summary>
    internal static ConfigMap? Read(ConfigNode node, string path, ConfigReport report, ImmutableArray<string> known)
    {
        if (node.Kind != ConfigNodeKind.Map)
        {
            if (node.Kind != ConfigNodeKind.Refused)
            {
                report.Error(node, path, $"must be a mapping, not {(node.IsNull ? "empty" : node.KindText)}", $"its keys are {string.Join(", ", known)}");
            }

            return null;
        }

        ConfigMap map = new(node, path, report);
        foreach ((ConfigNode key, ConfigNode value) in node.Entries)
        {
            map.Add(key, value, known);
        }

        return map;
    }

    /// <summary>Whether <paramref name="key"/> is there, or was written wrong (reported then).</summary>
    internal bool HasOrMeant(string key) => Has(key) || HasMeant(key);

    /// <summary>Whether an unknown key was taken for <paramref name="key"/>.</summary>
    internal bool HasMeant(string key) => _meant.Contains(key);

    internal bool Has(string key) => _values.ContainsKey(key);

    internal ConfigNode? Find(string key) => _values.GetValueOrDefault(key);

    internal string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    /// <summary>Reports against the value of <paramref name="key"/>, or against the mapping where there is none.</summary>
    internal void Error(string key, string message, string? hint = null) => _report.Error(Find(key) ?? Node, PathOf(key), message, hint);

    internal void Warn(string key, string message, string? hint = null) => _report.Warn(Find(key) ?? Node, PathOf(key), message, hint);

    /// <summary>Reports <paramref name="key"/> unless it is there, if only in a wrong spelling.</summary>
    internal void Require(string key, string? hint = null)
    {
        if (!HasOrMeant(key))
        {
            Missing(key, hint);
        }
    }

    /// <summary>Reports that something is not there.</summary>
    internal void Missing(string what, string? hint = null) => _report.Error(Node, Path, $"{what} is missing", hint);

    /// <summary>The scalar under <paramref name="key"/>; null when there is none, or none that is one value (reported then).</summary>
    internal ConfigNode? Scalar(string key, bool emptyIsText = false)
    {
        ConfigNode? node = Find(key);
        if (node is null or { Kind: ConfigNodeKind.Refused })
        {
            return null;
        }

        if (node.Kind != ConfigNodeKind.Scalar)
        {
            Error(key, $"must be a single value, not {node.KindText}");
            return null;
        }

        if (node.IsNull && !emptyIsText)
        {
            Error(key, "has no value");
            return null;
        }

        return node;
    }

    /// <summary>A text that is not empty and has no control characters.</summary>
    internal string? Text(string key)
    {
        if (Scalar(key) is not { } node)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(node.Text) || node.Text.Any(char.IsControl))
        {
            Error(key, node.Text.Any(char.IsControl) ? "must be one line of text" : "has no value");
            return null;
        }

        return node.Text;
    }

    /// <summary>One of <paramref name="words"/>; its index, or null.</summary>
    internal int? Word(string key, ImmutableArray<string> words)
    {
        if (Scalar(key) is not { } node)
        {
            return null;
        }

        int index = words.IndexOf(node.Text);
        if (index >= 0)
        {
            return index;
        }

        Error(key, $"must be {string.Join(", ", words[..^1])} or {words[^1]}, not {Shown.Quoted(node.Text)}", Spelling.Suggest(node.Text, words));
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>, unquoted; <paramref name="otherwise"/> when it is not there.</summary>
    internal bool Flag(string key, bool otherwise)
    {
        if (Scalar(key) is not { } node)
        {
            return otherwise;
        }

        if (node.IsPlain && node.Text is "true" or "True" or "TRUE" or "false" or "False" or "FALSE")
        {
            return node.Text[0] is 't' or 'T';
        }

        Error(key, $"must be true or false, not {Shown.Quoted(node.Text)}", node.IsPlain ? null : "remove the quotes");
        return otherwise;
    }

    /// <summary>A decimal number; null when there is none, or none in range (reported then).</summary>
    /// <param name="key">The key.</param>
    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    /// <param name="quotesAllowed">For 64-bit numbers, which RFC 7951 writes as JSON strings.</param>
    internal ulong? Number(string key, ulong min, ulong max, bool quotesAllowed = false)
    {
        if (Scalar(key) is not { } node)
        {
            return null;
        }

        string rule = $"must be an integer from {min} to {max}, not {Shown.Quoted(node.Text)}";
        bool digits = node.Text.Length > 0 && node.Text.All(char.IsAsciiDigit);
        if (!digits)
        {
            Error(key, rule);
        }
        else if (!node.IsPlain && !quotesAllowed)
        {
            Error(key, $"must be an integer from {min} to {max}, not a text", "remove the quotes");
        }
        else if (node.Text is ['0', _, ..])
        {
            // 010 is 8 to some YAML readers and 10 to others
            Error(key, $"must be an integer without leading zeros, not {Shown.Quoted(node.Text)}");
        }
        else if (!ulong.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) || number < min || number > max)
        {
            Error(key, rule);
        }
        else
        {
            return number;
        }

        return null;
    }

    /// <summary>The members of the list under <paramref name="key"/>; empty when there is none (reported when it is something else).</summary>
    internal ImmutableArray<ConfigNode> List(string key)
    {
        ConfigNode? node = Find(key);
        if (node is null || node.IsNull || node.Kind is ConfigNodeKind.List or ConfigNodeKind.Refused)
        {
            return node?.Items ?? [];
        }

        Error(key, $"must be a list, not {node.KindText}", "each member begins with '- '");
        return [];
    }

    private void Add(ConfigNode key, ConfigNode value, ImmutableArray<string> known)
    {
        if (key.Kind == ConfigNodeKind.Refused)
        {
            return;
        }

        if (key.Kind != ConfigNodeKind.Scalar)
        {
            _report.Error(key, Path, $"a key must be a text, not {key.KindText}");
        }
        else if (key.Text is "<<")
        {
            _report.Error(key, Path, "YAML merge keys are not supported", "write the values out");
        }
        else if (!known.Contains(key.Text))
        {
            _report.Error(key, Path, $"unknown key {Shown.Key(key.Text)}", UnknownKeyHint(key.Text, known));
        }
        else if (!_values.TryAdd(key.Text, value))
        {
            _report.Error(key, Path, $"{key.Text} is given twice", $"the first is in line {_values[key.Text].Line}");
        }
    }

    private string UnknownKeyHint(string key, ImmutableArray<string> known)
    {
        int end = key.IndexOfAny([':', '=']);
        string? meant = Spelling.Nearest(end > 0 ? key[..end].Trim() : key, known);
        if (meant is null)
        {
            return $"known are {string.Join(", ", known)}";
        }

        _meant.Add(meant);
        return end > 0 ? $"did you mean '{meant}: ', with a space after the colon?" : $"did you mean '{meant}'?";
    }
}
