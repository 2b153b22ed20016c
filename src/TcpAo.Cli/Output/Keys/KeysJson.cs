using System.Text.Encodings.Web;
using System.Text.Json;

namespace TcpAo.Cli.Output.Keys;

/// <summary>The JSON of <c>tcpao keys</c>: one object, schema tcpao.keys/1 (docs/reference/keys.md).</summary>
internal static class KeysJson
{
    private const string SchemaName = "tcpao.keys/1";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Stream output, string verb, Action<Utf8JsonWriter> body)
    {
        using (var writer = new Utf8JsonWriter(output, s_options))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", SchemaName);
            writer.WriteString("verb", verb);
            body(writer);
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    public static void Array<T>(this Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> write)
    {
        writer.WriteStartArray(name);
        foreach (T item in items)
        {
            write(item);
        }

        writer.WriteEndArray();
    }

    public static void Strings(this Utf8JsonWriter writer, string name, IEnumerable<string> items) => writer.Array(name, items, writer.WriteStringValue);

    /// <summary>A time in RFC 3339; null for "since ever" and "for ever".</summary>
    public static void Time(this Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is not { } instant || instant == DateTimeOffset.MinValue || instant == DateTimeOffset.MaxValue)
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteString(name, KeysText.Time(instant));
        }
    }

    public static void Number(this Utf8JsonWriter writer, string name, int? number)
    {
        if (number is { } value)
        {
            writer.WriteNumber(name, value);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
