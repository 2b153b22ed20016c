using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace TcpAo.Hosting.Configuration;

/// <summary>
/// Turns YAML 1.2, and JSON, which is part of it, into <see cref="ConfigNode"/>s. Left out on purpose: anchors and aliases,
/// tags, more than one document. Nothing that it reports quotes the file, for it does not know what is a secret.
/// </summary>
internal sealed class ConfigNodeReader
{
    private const int DeepestNesting = 32;

    private readonly ConfigReport _report;
    private readonly string _text;
    private readonly Scanner _scanner;
    private readonly Parser _parser;

    private ConfigNodeReader(string text, ConfigReport report)
    {
        _report = report;
        _text = text;
        _scanner = new Scanner(new StringReader(text));
        _parser = new Parser(_scanner);
    }

    /// <summary>Reads the one document of <paramref name="text"/>; null when there is none or it is not YAML (reported then).</summary>
    internal static ConfigNode? Read(string text, ConfigReport report)
    {
        string untabbed = WithoutTabsInJson(text);
        try
        {
            return new ConfigNodeReader(untabbed, report).Document();
        }
        catch (YamlException exception)
        {
            ConfigNode place = TabbedLine(exception, untabbed) ?? Place(exception.Start);
            bool knownText = exception.Message.StartsWith("While ", StringComparison.Ordinal);
            string detail = knownText ? $": w{exception.Message[1..].TrimEnd('.')}" : "";
            report.Error(place, "", $"this is not YAML{detail}", Hint(untabbed, place));
            return null;
        }
    }

    private ConfigNode? Document()
    {
        ParsingEvent current = Next();
        while (current is StreamStart)
        {
            current = Next();
        }

        if (current is StreamEnd)
        {
            return null;
        }

        ConfigNode root = Node(Next(), 0);
        Next();
        if (Next() is DocumentStart second)
        {
            _report.Error(Place(second.Start), "", "a second YAML document begins here; a configuration is one document", "remove the line '---' and join the two");
        }

        return root;
    }

    private ConfigNode Node(ParsingEvent current, int depth)
    {
        ConfigNode place = Place(current.Start);
        if (depth > DeepestNesting)
        {
            throw new SemanticErrorException(current.Start, current.End, $"While reading, found more than {DeepestNesting} levels of nesting");
        }

        if (current is AnchorAlias)
        {
            _report.Error(place, "", "YAML aliases are not supported", "write the value out, or put a text that begins with '*' in quotes");
            return place;
        }

        if (current is NodeEvent { Anchor.IsEmpty: false })
        {
            _report.Error(place, "", "YAML anchors are not supported", "write the value out, or put a text that begins with '&' in quotes");
        }

        if (current is NodeEvent { Tag.IsEmpty: false })
        {
            _report.Error(place, "", "YAML tags are not supported", "remove the tag, or put a text that begins with '!' in quotes");
        }

        return current switch
        {
            Scalar scalar => new ConfigNode(ConfigNodeKind.Scalar, place.Line, place.Column)
            {
                Text = scalar.Value,
                IsPlain = scalar.Style == ScalarStyle.Plain,
                Start = (int)scalar.Start.Index,
                End = EndOf(scalar),
            },
            SequenceStart list => List(place, depth, list),
            MappingStart map => Map(place, depth, map),
            _ => throw new YamlException(current.Start, current.End, "a value is missing"),
        };
    }

    private ConfigNode List(ConfigNode place, int depth, SequenceStart start)
    {
        ImmutableArray<ConfigNode>.Builder items = ImmutableArray.CreateBuilder<ConfigNode>();
        ParsingEvent current = Next();
        for (; current is not SequenceEnd; current = Next())
        {
            items.Add(Node(current, depth + 1));
        }

        bool isFlow = start.Style == SequenceStyle.Flow;
        return new ConfigNode(ConfigNodeKind.List, place.Line, place.Column)
        {
            Items = items.ToImmutable(),
            IsFlow = isFlow,
            Start = (int)start.Start.Index,
            End = isFlow ? BehindBracket(current) : items.Count == 0 ? (int)start.End.Index : items[^1].End,
        };
    }

    private ConfigNode Map(ConfigNode place, int depth, MappingStart start)
    {
        ImmutableArray<KeyValuePair<ConfigNode, ConfigNode>>.Builder entries = ImmutableArray.CreateBuilder<KeyValuePair<ConfigNode, ConfigNode>>();
        ParsingEvent current = Next();
        for (; current is not MappingEnd; current = Next())
        {
            ConfigNode key = Node(current, depth + 1);
            entries.Add(KeyValuePair.Create(key, Node(Next(), depth + 1)));
        }

        bool isFlow = start.Style == MappingStyle.Flow;
        return new ConfigNode(ConfigNodeKind.Map, place.Line, place.Column)
        {
            Entries = entries.ToImmutable(),
            IsFlow = isFlow,
            Start = (int)start.Start.Index,
            End = isFlow ? BehindBracket(current) : entries.Count == 0 ? (int)start.End.Index : Math.Max(entries[^1].Key.End, entries[^1].Value.End),
        };
    }

    // the scanner's mark of a bracket or brace that closes has no length
    private static int BehindBracket(ParsingEvent closing) => (int)closing.Start.Index + 1;

    // the scanner has read on behind a block scalar, up to the next token
    private int EndOf(Scalar scalar)
    {
        int end = (int)scalar.End.Index;
        if (scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded)
        {
            while (end > scalar.Start.Index && end <= _text.Length && char.IsWhiteSpace(_text[end - 1]))
            {
                end--;
            }
        }

        return end;
    }

    private ParsingEvent Next()
    {
        try
        {
            return _parser.MoveNext()
                ? _parser.Current!
                : throw new SemanticErrorException(_scanner.CurrentPosition, _scanner.CurrentPosition, "While reading, found the end of the file too early");
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // YamlDotNet's scanner does this on some texts that are not YAML
            throw new SyntaxErrorException(_scanner.CurrentPosition, _scanner.CurrentPosition, "While scanning, found a text that does not belong here");
        }
    }

    private static ConfigNode Place(Mark mark) => new(ConfigNodeKind.Refused, (int)mark.Line, (int)mark.Column);

    private static string Hint(string text, ConfigNode place) =>
        IsTabbed(text.Split('\n').ElementAtOrDefault(place.Line - 1) ?? "")
            ? "indent with spaces, not with tabs"
            : "look at this line and the one before it";

    // the scanner names the place where the block began, not the one where the tab is
    private static ConfigNode? TabbedLine(YamlException exception, string text)
    {
        if (!exception.Message.Contains(" tab ", StringComparison.Ordinal))
        {
            return null;
        }

        string[] lines = text.Split('\n');
        int line = Array.FindIndex(lines, Math.Min((int)exception.Start.Line - 1, lines.Length), IsTabbed);
        return line < 0 ? null : new ConfigNode(ConfigNodeKind.Refused, line + 1, lines[line].IndexOf('\t', StringComparison.Ordinal) + 1);
    }

    private static bool IsTabbed(string line) => line.TrimStart(' ').StartsWith('\t');

    // JSON may be indented with tabs, YAML may not, and the parser holds flow style to that too. One space for each tab keeps the columns.
    private static string WithoutTabsInJson(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("{"))
        {
            return text;
        }

        char[] changed = text.ToCharArray();
        bool indent = true;
        for (int i = 0; i < changed.Length; i++)
        {
            indent = changed[i] == '\n' || (indent && changed[i] is ' ' or '\t');
            if (indent && changed[i] == '\t')
            {
                changed[i] = ' ';
            }
        }

        return new string(changed);
    }
}
