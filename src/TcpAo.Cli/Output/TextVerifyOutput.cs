using System.Text;
using Spectre.Console;
using TcpAo.Capture;
using TcpAo.Cli.Verify;
using TcpAo.Connections;

namespace TcpAo.Cli.Output;

/// <summary>Segments as lines, then a table of connections and one line of totals.</summary>
internal sealed class TextVerifyOutput : IVerifyOutput
{
    private const int FirstBadSegments = 20;
    private const int MaxConnections = 200;
    private const int PlainWidth = 400;

    private readonly string _file;
    private readonly bool _onlyBad;
    private readonly bool _all;
    private readonly StreamWriter _writer;
    private long _hidden;
    private int _shown;

    public TextVerifyOutput(Stream stream, string file, bool onlyBad, bool all)
    {
        _file = file;
        _onlyBad = onlyBad;
        _all = all && !onlyBad;
        _writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true);
    }

    public void Segment(in SegmentReport report)
    {
        bool bad = report.Verdict is not (SegmentVerdict.Valid or SegmentVerdict.NotTcpAo);
        if (!bad && !_all)
        {
            return;
        }

        if (!_all && !_onlyBad && _shown >= FirstBadSegments)
        {
            _hidden++;
            return;
        }

        _shown++;
        string ids = report.KeyId is null ? string.Empty : $" ids {report.KeyId}/{report.RNextKeyId}";
        string explanation = bad ? $": {VerdictText.Explain(report)}" : report.Key is { } key ? $" with {key.Name}" : string.Empty;
        _writer.WriteLine($"frame {report.Frame}: {report.Source} > {report.Destination} [{VerdictText.Flags(report.Flags)}]{ids} {VerdictText.NameOf(report.Verdict)}{explanation}");
    }

    public void Summary(VerifyTotals totals, IEnumerable<ConnectionSummary> connections)
    {
        if (_hidden > 0)
        {
            _writer.WriteLine($"... and {_hidden} more; --only-bad lists them all");
        }

        if (_shown > 0)
        {
            _writer.WriteLine();
        }

        WriteTable(connections, totals.Connections);
        WriteFailures(connections);
        _writer.WriteLine(TotalsLine(totals));
        _writer.Flush();
    }

    public void Dispose() => _writer.Dispose();

    private string TotalsLine(VerifyTotals totals)
    {
        string counts = string.Join(", ", Enum.GetValues<SegmentVerdict>().Where(v => totals.Count(v) > 0).Select(v => $"{totals.Count(v)} {VerdictText.NameOf(v)}"));
        return $"{_file}: {Counted(totals.Segments, "segment")}, {Counted(totals.Connections, "connection")}{(counts.Length > 0 ? ": " : string.Empty)}{counts}";
    }

    private static string Counted(long count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";

    private void WriteTable(IEnumerable<ConnectionSummary> connections, long count)
    {
        ConnectionSummary[] shown = [.. connections.Where(c => c.Count(SegmentVerdict.NotTcpAo) < c.Segments).Take(MaxConnections)];
        if (shown.Length == 0)
        {
            return;
        }

        var table = new Table { Border = TableBorder.Simple };
        foreach (string title in (string[])["connection", "key", "ids", "changes", "segments", "valid", "refused", "first failure"])
        {
            table.AddColumn(new TableColumn(title).NoWrap());
        }

        foreach (ConnectionSummary connection in shown)
        {
            long refused = connection.Segments - connection.Count(SegmentVerdict.Valid) - connection.Count(SegmentVerdict.NotTcpAo);
            string failure = connection.FirstFailure is { } first ? $"frame {first.Frame}: {VerdictText.NameOf(first.Verdict)}" : "-";
            table.AddRow(
                Markup.Escape(connection.Pair.ToString()),
                Markup.Escape(connection.KeyName ?? "-"),
                connection.KeyIds.IsEmpty ? "-" : string.Join(' ', connection.KeyIds),
                connection.KeyChanges.ToString(),
                connection.Segments.ToString(),
                connection.Count(SegmentVerdict.Valid).ToString(),
                refused.ToString(),
                failure);
        }

        // no colours or line drawing that depend on a terminal: the same text goes to a file
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(_writer) });
        console.Profile.Width = PlainWidth;
        console.Write(table);
        if (count > shown.Length)
        {
            _writer.WriteLine($"({count - shown.Length} more connections are not shown)");
        }
    }

    /// <summary>Why connections fail, each cause once.</summary>
    private void WriteFailures(IEnumerable<ConnectionSummary> connections)
    {
        foreach (string sentence in connections
            .Select(connection => connection.FirstFailure)
            .Where(failure => failure?.Hint is not null)
            .Select(failure => failure!.Value.Hint!.Sentence)
            .Distinct()
            .Take(FirstBadSegments))
        {
            _writer.WriteLine($"hint: {sentence}");
        }
    }
}
