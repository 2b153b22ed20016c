using System.Globalization;
using System.Security;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Cli.Output.Keys;

/// <summary>Timelines as one SVG picture: a block for each chain, a bar for each key (thin: accepted, thick: may sign, dark: signs), a line for now.</summary>
internal static class TimelineSvg
{
    private const int Width = 960;
    private const int Left = 150;
    private const int BarWidth = Width - Left - 30;
    private const int RowHeight = 26;
    private const int HeadHeight = 44;
    private const int Steps = 480;

    public static string Of(IReadOnlyList<KeyChain> chains, DateTimeOffset now)
    {
        using var svg = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        int height = chains.Sum(chain => HeadHeight + (chain.Keys.Length * RowHeight) + RowHeight) + 10;
        svg.WriteLine($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" font-family=\"sans-serif\" font-size=\"12\">");
        svg.WriteLine("<style>.a{fill:#9ecae1}.s{fill:#4292c6}.c{fill:#08306b}.n{stroke:#d62728;stroke-width:2}.t{fill:#555}</style>");
        svg.WriteLine($"<rect width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/>");
        int top = 0;
        foreach (KeyChain chain in chains)
        {
            top = Draw(svg, chain, now, top);
        }

        svg.WriteLine("</svg>");
        return svg.ToString();
    }

    private static int Draw(StringWriter svg, KeyChain chain, DateTimeOffset now, int top)
    {
        TimelineSpan span = TimelineSpan.Of(chain, now);
        svg.WriteLine($"<text x=\"10\" y=\"{top + 20}\" font-weight=\"bold\">{Escape(chain.Name)}</text>");
        svg.WriteLine($"<text class=\"t\" x=\"{Left}\" y=\"{top + 36}\">{KeysText.Time(span.Start)}</text>");
        svg.WriteLine($"<text class=\"t\" x=\"{Left + BarWidth}\" y=\"{top + 36}\" text-anchor=\"end\">{KeysText.Time(span.End)}</text>");
        int row = top + HeadHeight;
        foreach (KeyChainKey entry in chain.Keys)
        {
            string ids = entry.Key.Algorithm.IsTcpMd5 ? "" : $" ({entry.Key.SendId}/{entry.Key.RecvId})";
            svg.WriteLine($"<text x=\"10\" y=\"{row + 16}\">{Escape($"{entry.Id}{ids}")}</text>");
            Bar(svg, span, entry.Key.AcceptLifetime, row + 8, 8, "a", $"{entry.Key.Name} is accepted: {KeyListText.Span(entry.Key.AcceptLifetime)}");
            Bar(svg, span, entry.Key.SendLifetime, row + 4, 16, "s", $"{entry.Key.Name} may sign: {KeyListText.Span(entry.Key.SendLifetime)}");
            foreach (KeyLifetime signs in Signing(chain, entry.Key, span))
            {
                Bar(svg, span, signs, row + 4, 16, "c", $"{entry.Key.Name} signs");
            }

            row += RowHeight;
        }

        string x = Number(Left + (span.Share(now) * BarWidth));
        svg.WriteLine($"<line class=\"n\" x1=\"{x}\" y1=\"{top + HeadHeight - 4}\" x2=\"{x}\" y2=\"{row + 4}\"/>");
        svg.WriteLine($"<text x=\"{x}\" y=\"{row + 18}\" text-anchor=\"middle\">now {KeysText.Time(now)}</text>");
        return row + RowHeight;
    }

    /// <summary>The times within the picture at which the chain chooses a key to sign with.</summary>
    private static IEnumerable<KeyLifetime> Signing(KeyChain chain, AoKey key, TimelineSpan span)
    {
        DateTimeOffset from = span.Start;
        AoKey? current = KeyChainSelector.SendKey(chain, from);
        foreach (KeyChainChange change in KeyChainTimeline.SendChanges(chain, span.Start).Where(change => change.At < span.End).Take(Steps))
        {
            if (ReferenceEquals(current, key))
            {
                yield return new KeyLifetime(from, change.At);
            }

            (from, current) = (change.At, change.After);
        }

        if (ReferenceEquals(current, key))
        {
            yield return new KeyLifetime(from, span.End);
        }
    }

    private static void Bar(StringWriter svg, TimelineSpan span, KeyLifetime lifetime, int y, int height, string style, string title)
    {
        double from = span.Share(lifetime.Start);
        double until = span.Share(lifetime.End);
        if (!lifetime.IsEmpty && until > from)
        {
            svg.WriteLine($"<rect class=\"{style}\" x=\"{Number(Left + (from * BarWidth))}\" y=\"{y}\" width=\"{Number(Math.Max(1, (until - from) * BarWidth))}\" height=\"{height}\"><title>{Escape(title)}</title></rect>");
        }
    }

    private static string Number(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);
}
