using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using TcpAo.Capture;
using TcpAo.Cli.Verify;

namespace TcpAo.Cli.Output;

/// <summary>JSON lines, schema <c>tcpao.verify/1</c>: one object for each segment, then a summary with <c>"frame":null</c>.</summary>
internal sealed class JsonVerifyOutput : IVerifyOutput
{
    private const int FlushAt = 1 << 16;

    private static readonly JsonEncodedText s_schema = JsonEncodedText.Encode("tcpao.verify/1");

    private readonly Stream _stream;
    private readonly bool _onlyBad;
    private readonly ArrayBufferWriter<byte> _buffer = new(FlushAt + 4096);
    private readonly Utf8JsonWriter _writer;

    public JsonVerifyOutput(Stream stream, bool onlyBad)
    {
        _stream = stream;
        _onlyBad = onlyBad;
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    public void Segment(in SegmentReport report)
    {
        if (_onlyBad && report.Verdict is SegmentVerdict.Valid or SegmentVerdict.NotTcpAo)
        {
            return;
        }

        Begin();
        _writer.WriteNumber("frame"u8, report.Frame);
        WriteEnd("source"u8, report.Source);
        WriteEnd("destination"u8, report.Destination);
        _writer.WriteString("flags"u8, VerdictText.Flags(report.Flags));
        WriteNumber("key-id"u8, report.KeyId);
        WriteNumber("rnext-key-id"u8, report.RNextKeyId);
        WriteNumber("mac-length"u8, report.MacLength);
        WriteNumber("sne"u8, report.Sne);
        _writer.WriteString("verdict"u8, VerdictText.NameOf(report.Verdict));
        _writer.WriteString("key"u8, report.Key?.Name);
        _writer.WriteString("reason"u8, report.Reason == DropReason.None ? null : report.Reason.ToName());
        _writer.WriteString("hint"u8, report.Hint?.Name);
        End();
    }

    public void Summary(VerifyTotals totals, IEnumerable<ConnectionSummary> connections)
    {
        Begin();
        _writer.WriteNull("frame"u8);
        _writer.WriteNumber("segments"u8, totals.Segments);
        _writer.WriteNumber("connections"u8, totals.Connections);
        foreach (SegmentVerdict verdict in Enum.GetValues<SegmentVerdict>())
        {
            _writer.WriteNumber(VerdictText.NameOf(verdict), totals.Count(verdict));
        }

        End();
        Flush();
    }

    public void Dispose() => _writer.Dispose();

    private void Begin()
    {
        _writer.WriteStartObject();
        _writer.WriteString("schema"u8, s_schema);
    }

    private void End()
    {
        _writer.WriteEndObject();
        _writer.Flush();
        _writer.Reset();
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushAt)
        {
            Flush();
        }
    }

    private void Flush()
    {
        _stream.Write(_buffer.WrittenSpan);
        _stream.Flush();
        _buffer.ResetWrittenCount();
    }

    private void WriteEnd(ReadOnlySpan<byte> name, CaptureEndpoint? end)
    {
        if (end is null)
        {
            _writer.WriteNull(name);
        }
        else
        {
            _writer.WriteString(name, end.Value.ToString());
        }
    }

    private void WriteNumber(ReadOnlySpan<byte> name, long? value)
    {
        if (value is null)
        {
            _writer.WriteNull(name);
        }
        else
        {
            _writer.WriteNumber(name, value.Value);
        }
    }
}
