using System.Globalization;
using System.Text;

namespace TcpAo.Cli.Bench;

/// <summary>Bars of what a MAC costs, as SVG, with the machine that they are from.</summary>
internal static class MacChart
{
    private const int BarHeight = 16;
    private const int LabelWidth = 300;
    private const int BarsWidth = 560;

    /// <summary>Draws the costs of one length of message.</summary>
    /// <param name="results">All results.</param>
    /// <param name="messageLength">Which of them.</param>
    /// <param name="unit">What the figures are in.</param>
    /// <param name="scale">From nanoseconds to that.</param>
    /// <param name="machine">The machine, for the last line.</param>
    public static string Draw(IEnumerable<MacResult> results, int messageLength, string unit, double scale, string machine)
    {
        MacResult[] rows = [.. results.Where(result => result.MessageBytes == messageLength)];
        double longest = rows.Max(row => row.Figures.Median * scale);
        var svg = new StringBuilder();
        int y = 44;
        string? algorithm = null;
        foreach (MacResult row in rows)
        {
            if (!string.Equals(algorithm, row.Algorithm, StringComparison.Ordinal))
            {
                algorithm = row.Algorithm;
                Text(svg, 8, y + 14, $"<tspan font-weight='bold'>{algorithm}</tspan>");
                y += BarHeight + 6;
            }

            double cost = row.Figures.Median * scale;
            int width = Math.Max(1, (int)(cost / longest * BarsWidth));
            bool isBatch = string.Equals(row.Mode, "batch", StringComparison.Ordinal);
            string color = string.Equals(row.Role, "reference", StringComparison.Ordinal) ? "#9aa5b1" : isBatch ? "#2f6fab" : "#5aa469";
            string mode = isBatch ? " (batch)" : string.Empty;
            Text(svg, 20, y + 12, $"{row.Implementation}{mode}");
            svg.Append(CultureInfo.InvariantCulture, $"<rect x='{LabelWidth}' y='{y}' width='{width}' height='{BarHeight - 3}' fill='{color}'/>\n");
            Text(svg, LabelWidth + width + 6, y + 12, cost.ToString("F0", CultureInfo.InvariantCulture));
            y += BarHeight;
        }

        Text(svg, 8, y + 24, machine);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"<svg xmlns='http://www.w3.org/2000/svg' width='{LabelWidth + BarsWidth + 80}' height='{y + 36}' font-family='sans-serif' font-size='12'>\n"
            + $"<rect width='100%' height='100%' fill='white'/>\n<text x='8' y='24' font-size='14'>One MAC over {messageLength} bytes, median, in {unit}</text>\n{svg}</svg>\n");
    }

    private static void Text(StringBuilder svg, int x, int y, string text) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x='{x}' y='{y}'>{text}</text>\n");
}
