using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TcpAo.Cli.Bench;

/// <summary>Figures as they come: JSON lines of schema <c>tcpao.bench/1</c>, or a table for people.</summary>
/// <param name="stream">Where to.</param>
/// <param name="json">Which of the two.</param>
internal sealed class BenchOutput(Stream stream, bool json)
{
    private string? _columns;

    /// <summary>One figure with what it is a figure of. A number that is none is null.</summary>
    /// <param name="what">The verb.</param>
    /// <param name="fields">Names as in JSON, and values: text, whole numbers and fractions.</param>
    public void Row(string what, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        if (json)
        {
            WriteJson(what, fields);
        }
        else
        {
            WriteLine(fields);
        }

        stream.Flush();
    }

    /// <summary>A sentence beside the figures; not in JSON.</summary>
    public void Note(string text)
    {
        if (!json)
        {
            stream.Write(Encoding.UTF8.GetBytes(text + "\n"));
        }
    }

    private void WriteJson(string what, ReadOnlySpan<(string Name, object Value)> fields)
    {
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", "tcpao.bench/1");
            writer.WriteString("what", what);
            foreach ((string name, object value) in fields)
            {
                switch (value)
                {
                    case string text:
                        writer.WriteString(name, text);
                        break;
                    case int whole:
                        writer.WriteNumber(name, whole);
                        break;
                    case double number when double.IsFinite(number):
                        writer.WriteNumber(name, Math.Round(number, 3));
                        break;
                    default:
                        writer.WriteNull(name);
                        break;
                }
            }

            writer.WriteEndObject();
        }

        stream.Write("\n"u8);
    }

    private void WriteLine(ReadOnlySpan<(string Name, object Value)> fields)
    {
        const int TextWidth = 20;
        var names = new StringBuilder();
        var values = new StringBuilder();
        foreach ((string name, object value) in fields)
        {
            string text = value is double number
                ? double.IsFinite(number) ? number.ToString(number < 100 ? "F2" : "F0", CultureInfo.InvariantCulture) : "-"
                : Convert.ToString(value, CultureInfo.InvariantCulture)!;
            int width = value is string ? Math.Max(TextWidth, name.Length) : name.Length;
            names.Append(value is string ? name.PadRight(width) : name.PadLeft(width)).Append("  ");
            values.Append(value is string ? text.PadRight(width) : text.PadLeft(width)).Append("  ");
        }

        string columns = names.ToString().TrimEnd();
        if (!string.Equals(columns, _columns, StringComparison.Ordinal))
        {
            _columns = columns;
            stream.Write(Encoding.UTF8.GetBytes(columns + "\n"));
        }

        stream.Write(Encoding.UTF8.GetBytes(values.ToString().TrimEnd() + "\n"));
    }
}
