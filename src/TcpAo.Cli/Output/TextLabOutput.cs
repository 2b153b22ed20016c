using System.Text;
using Spectre.Console;
using TcpAo.Cli.Lab;

namespace TcpAo.Cli.Output;

/// <summary>A table, and one line of totals.</summary>
internal sealed class TextLabOutput : ILabOutput
{
    private const int PlainWidth = 150;

    private readonly StreamWriter _writer;
    private readonly List<LabRow> _rows = [];

    public TextLabOutput(Stream stream)
    {
        _writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
    }

    public void Row(LabRow row) => _rows.Add(row);

    public void Summary(TimeSpan elapsed)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string title in (string[])["scenario", "case", "without TcpAo", "with TcpAo", "result"])
        {
            table.AddColumn(new TableColumn(title));
        }

        string? last = null;
        foreach (LabRow row in _rows)
        {
            bool isFirst = !string.Equals(row.Scenario, last, StringComparison.Ordinal);
            last = row.Scenario;
            string result = LabText.NameOf(row.Outcome);
            table.AddRow(
                isFirst ? row.Scenario : string.Empty,
                Markup.Escape(row.Case),
                Markup.Escape(row.Without ?? "-"),
                Markup.Escape(row.With ?? "-"),
                row.Reason is null ? result : Markup.Escape($"{result}: {row.Reason}"));
        }

        // the same text goes to a file: no colours, only the width is the terminal's
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(_writer) });
        console.Profile.Width = Console.IsOutputRedirected ? PlainWidth : Math.Max(Console.WindowWidth, 80);
        console.Write(table);
        string counts = string.Join(", ", Enum.GetValues<LabOutcome>()
            .Select(outcome => (Name: LabText.NameOf(outcome), Count: _rows.Count(row => row.Outcome == outcome)))
            .Where(part => part.Count > 0)
            .Select(part => $"{part.Count} {part.Name}"));
        _writer.WriteLine($"lab: {_rows.Count} cases in {elapsed.TotalSeconds:F0} s: {counts}");
        _writer.Flush();
    }

    public void Dispose() => _writer.Dispose();
}
