using System.Text.Json;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>A value to be written into a configuration, as YAML or as JSON.</summary>
internal sealed class FieldValue
{
    private readonly string _text;
    private readonly bool _isText;
    private readonly IReadOnlyList<(string Key, FieldValue Value)>? _fields;
    private readonly IReadOnlyList<FieldValue>? _items;

    private FieldValue(string text, bool isText, IReadOnlyList<(string Key, FieldValue Value)>? fields)
    {
        _text = text;
        _isText = isText;
        _fields = fields;
    }

    private FieldValue(IReadOnlyList<FieldValue> items)
    {
        _text = "";
        _items = items;
    }

    /// <summary>A number or a truth value.</summary>
    internal static FieldValue Plain(string text) => new(text, isText: false, null);

    internal static FieldValue Text(string text) => new(text, isText: true, null);

    /// <summary>A time; not quoted in YAML.</summary>
    internal static FieldValue Instant(DateTimeOffset instant) => Text(InstantText(instant));

    internal static FieldValue Map(params IReadOnlyList<(string Key, FieldValue Value)> fields) => new("", isText: false, fields);

    internal static FieldValue List(IReadOnlyList<FieldValue> items) => new(items);

    internal static string InstantText(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(instant.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The value in one line.</summary>
    internal string Render(bool asJson)
    {
        if (_items is not null)
        {
            return $"[{string.Join(", ", _items.Select(item => item.Render(asJson)))}]";
        }

        if (_fields is not null)
        {
            return $"{{ {string.Join(", ", _fields.Select(field => RenderField(field.Key, field.Value, asJson)))} }}";
        }

        return !_isText ? _text : asJson ? $"\"{JsonEncodedText.Encode(_text)}\"" : IsSafe(_text) ? _text : $"'{_text.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    /// <summary>A key and its value in one line.</summary>
    internal static string RenderField(string key, FieldValue value, bool asJson) => asJson ? $"\"{key}\": {value.Render(asJson)}" : $"{key}: {value.Render(asJson)}";

    /// <summary>A key and its value in block style: members of a list in lines of their own.</summary>
    /// <param name="key">The key.</param>
    /// <param name="newLine">Line end and the indentation of the key.</param>
    internal string RenderInLines(string key, string newLine) =>
        _items is null ? RenderField(key, this, asJson: false) : $"{key}:{string.Concat(_items.Select(item => $"{newLine}  - {item.Render(asJson: false)}"))}";

    // what no YAML reader takes for anything but a text, a number or a time; our own reads scalars as they are written
    private static bool IsSafe(string text) =>
        text.Length > 0
        && char.IsAsciiLetterOrDigit(text[0])
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':')
        && text[^1] != ':'
        && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off");
}
