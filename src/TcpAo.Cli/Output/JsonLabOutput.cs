using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using TcpAo.Cli.Lab;

namespace TcpAo.Cli.Output;

/// <summary>JSON lines, schema <c>tcpao.lab/1</c>: one object for each case as it ends, then a summary with <c>"scenario":null</c>.</summary>
internal sealed class JsonLabOutput(Stream stream) : ILabOutput
{
    private readonly int[] _counts = new int[Enum.GetValues<LabOutcome>().Length];

    public void Row(LabRow row)
    {
        _counts[(int)row.Outcome]++;
        Write(writer =>
        {
            writer.WriteString("scenario"u8, row.Scenario);
            writer.WriteString("case"u8, row.Case);
            writer.WriteString("without"u8, row.Without);
            writer.WriteString("with"u8, row.With);
            writer.WriteString("result"u8, LabText.NameOf(row.Outcome));
            writer.WriteString("reason"u8, row.Reason);
            writer.WriteNumber("seconds"u8, Math.Round(row.Seconds, 3));
        });
    }

    public void Summary(TimeSpan elapsed) => Write(writer =>
    {
        writer.WriteNull("scenario"u8);
        foreach (LabOutcome outcome in Enum.GetValues<LabOutcome>())
        {
            writer.WriteNumber(LabText.NameOf(outcome), _counts[(int)outcome]);
        }

        writer.WriteNumber("seconds"u8, Math.Round(elapsed.TotalSeconds, 3));
    });

    public void Dispose() => stream.Flush();

    private void Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("schema"u8, "tcpao.lab/1"u8);
            fields(writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        stream.Write(buffer.WrittenSpan);
        stream.Flush();
    }
}
