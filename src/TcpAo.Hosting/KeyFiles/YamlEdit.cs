using TcpAo.Hosting.Configuration;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>
/// Changes of a YAML or JSON text at places that the parser named, so that comments, order and everything else stay as they are. Where a place is written in a
/// way that it does not know, it refuses.
/// </summary>
/// <param name="text">The whole text.</param>
internal sealed class YamlEdit(string text)
{
    private readonly List<TextEdit> _edits = [];
    private readonly string _lineEnd = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    internal string Apply() => TextEdit.Apply(text, _edits);

    /// <summary>Puts a mapping behind the last member of a list, written as that one is.</summary>
    internal void Append(ConfigNode list, IReadOnlyList<(string Key, FieldValue Value)> fields)
    {
        ConfigNode last = list.Items[^1];
        bool asJson = IsJson(last);
        string inline = FieldValue.Map(fields).Render(asJson);
        if (list.IsFlow)
        {
            int before = list.Items.Length > 1 ? list.Items[^2].End : list.Start + 1;
            bool isInLines = text.AsSpan(before, last.Start - before).Contains('\n');
            _edits.Add(new TextEdit(last.End, 0, isInLines ? $",{_lineEnd}{Indentation(last.Start)}{inline}" : $", {inline}"));
            return;
        }

        (int dashLine, string indent) = Dash(list, last);
        int lineEnd = EndOfLine(last.End);
        string newLine = lineEnd == text.Length && !text.EndsWith('\n') ? _lineEnd : "";
        if (!last.IsFlow)
        {
            // behind "- " stands the first field, the others below it
            int pad = ColumnOf(last.Start) - ColumnOf(dashLine + indent.Length);
            string gap = new(' ', Math.Max(1, IsSameLine(dashLine, last.Start) ? pad - 1 : 1));
            string below = $"{_lineEnd}{indent} {gap}";
            inline = string.Join(below, fields.Select(field => field.Value.RenderInLines(field.Key, below)));
            _edits.Add(new TextEdit(lineEnd, 0, $"{newLine}{indent}-{gap}{inline}{_lineEnd}"));
            return;
        }

        _edits.Add(new TextEdit(lineEnd, 0, $"{newLine}{indent}- {inline}{_lineEnd}"));
    }

    /// <summary>Takes a member of a list away, with the lines that it stands in or with its comma.</summary>
    internal void Remove(ConfigNode list, int index)
    {
        ConfigNode item = list.Items[index];
        if (!list.IsFlow)
        {
            (int dashLine, _) = Dash(list, item);
            int end = EndOfLine(item.End);
            _edits.Add(new TextEdit(dashLine, end - dashLine, ""));
            return;
        }

        bool isLast = index == list.Items.Length - 1;
        int start = isLast ? list.Items[index - 1].End : item.Start;
        int until = isLast ? item.End : list.Items[index + 1].Start;
        (int gapStart, int gapEnd) = isLast ? (start, item.Start) : (item.End, until);
        if (text.AsSpan(gapStart, gapEnd - gapStart).Contains('#'))
        {
            throw CannotEdit(item, "a comment stands between this key and its neighbour");
        }

        _edits.Add(new TextEdit(start, until - start, ""));
    }

    /// <summary>Gives a field of a mapping another value; a field that is not there comes behind the last one.</summary>
    internal void Set(ConfigNode map, string key, FieldValue value)
    {
        foreach ((ConfigNode name, ConfigNode old) in map.Entries)
        {
            if (string.Equals(name.Text, key, StringComparison.Ordinal))
            {
                if (old.Kind == ConfigNodeKind.Scalar || old.IsFlow)
                {
                    RefuseEmpty(old);
                    _edits.Add(new TextEdit(old.Start, old.End - old.Start, value.Render(IsJson(map))));
                }
                else
                {
                    _edits.Add(new TextEdit(name.Start, old.End - name.Start, FieldValue.RenderField(key, value, IsJson(map))));
                }

                return;
            }
        }

        Insert(map, key, value);
    }

    /// <summary>Puts other fields in the place of one.</summary>
    internal void Replace(ConfigNode map, string key, params IReadOnlyList<(string Key, FieldValue Value)> fields)
    {
        KeyValuePair<ConfigNode, ConfigNode> entry = map.Entries.First(entry => string.Equals(entry.Key.Text, key, StringComparison.Ordinal));
        RefuseEmpty(entry.Value);
        string separator = map.IsFlow ? ", " : $"{_lineEnd}{Indentation(entry.Key.Start)}";
        string replacement = string.Join(separator, fields.Select(field => FieldValue.RenderField(field.Key, field.Value, IsJson(map))));
        _edits.Add(new TextEdit(entry.Key.Start, entry.Value.End - entry.Key.Start, replacement));
    }

    private void Insert(ConfigNode map, string key, FieldValue value)
    {
        string field = FieldValue.RenderField(key, value, IsJson(map));
        ConfigNode last = map.Entries[^1].Value;
        RefuseEmpty(last);
        if (map.IsFlow)
        {
            _edits.Add(new TextEdit(last.End, 0, $", {field}"));
            return;
        }

        int lineEnd = EndOfLine(last.End);
        string newLine = lineEnd == text.Length && !text.EndsWith('\n') ? _lineEnd : "";
        _edits.Add(new TextEdit(lineEnd, 0, $"{newLine}{new string(' ', ColumnOf(map.Entries[0].Key.Start))}{field}{_lineEnd}"));
    }

    /// <summary>The line in which the dash of a member stands, and what is before the dash.</summary>
    private (int LineStart, string Indent) Dash(ConfigNode list, ConfigNode item)
    {
        int column = ColumnOf(list.Start);
        for (int line = StartOfLine(item.Start); ; line = StartOfLine(line - 1))
        {
            if (line + column < text.Length && text[line + column] == '-' && text.AsSpan(line, column).IsWhiteSpace() && line + column < Math.Max(item.Start, 1))
            {
                return (line, text.Substring(line, column));
            }

            if (line <= 0 || line < list.Start - column)
            {
                throw CannotEdit(item, "the dash of this member was not found where it should be");
            }
        }
    }

    private static void RefuseEmpty(ConfigNode value)
    {
        if (value.Kind == ConfigNodeKind.Refused || (value.Kind == ConfigNodeKind.Scalar && value.Start == value.End))
        {
            throw CannotEdit(value, "a value is missing here");
        }
    }

    private static KeyFileException CannotEdit(ConfigNode node, string why) =>
        new(KeyFileFailure.CannotEdit, $"line {node.Line}: {why}: the file cannot be changed safely here; make the change by hand");

    private static bool IsJson(ConfigNode map) => map.IsFlow && map.Entries.Length > 0 && !map.Entries[0].Key.IsPlain;

    /// <summary>What is before a place in its line where that is blank, such as tabs in JSON; else as many blanks.</summary>
    private string Indentation(int at)
    {
        string before = text[StartOfLine(at)..at];
        return string.IsNullOrWhiteSpace(before) ? before : new string(' ', before.Length);
    }

    private bool IsSameLine(int lineStart, int at) => StartOfLine(at) == lineStart;

    private int ColumnOf(int at) => at - StartOfLine(at);

    private int StartOfLine(int at) => at <= 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;

    private int EndOfLine(int at)
    {
        int end = text.IndexOf('\n', Math.Min(at, text.Length));
        return end < 0 ? text.Length : end + 1;
    }
}
