using System.Globalization;
using Spectre.Console;

namespace TcpAo.Cli.Output.Keys;

/// <summary>Words and tables of <c>tcpao keys</c>.</summary>
internal static class KeysText
{
    private const int PlainWidth = 400;

    public static string Time(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time, or the words for none.</summary>
    public static string Bound(DateTimeOffset instant, string none) => instant == DateTimeOffset.MinValue || instant == DateTimeOffset.MaxValue ? none : Time(instant);

    /// <summary>A table as text.</summary>
    public static string Table(IReadOnlyList<string> titles, IEnumerable<IReadOnlyList<string>> rows)
    {
        using var text = new StringWriter { NewLine = "\n" };
        var table = new Table { Border = TableBorder.Simple };
        foreach (string title in titles)
        {
            table.AddColumn(new TableColumn(title).NoWrap());
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        // no colours or line drawing that depend on a terminal: the same text goes to a file
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = PlainWidth;
        console.Write(table);
        return text.ToString();
    }
}
