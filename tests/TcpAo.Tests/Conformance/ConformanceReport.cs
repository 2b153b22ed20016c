using System.Text;

namespace TcpAo.Tests.Conformance;

/// <summary>Writes <c>docs/conformance.md</c>: where each requirement stands, what obeys it, what proves it, and what is missing.</summary>
internal sealed class ConformanceReport(IReadOnlyList<CatalogueEntry> catalogue, Citations citations)
{
    public const string Path = "docs/conformance.md";

    /// <summary>What is implemented and no test names.</summary>
    public IReadOnlyList<CatalogueEntry> Untested { get; } = [.. catalogue.Where(entry => entry.IsImplemented && citations.TestsOf(entry.Id).Count == 0)];

    /// <summary>Of those the ones that have to be.</summary>
    public IReadOnlyList<CatalogueEntry> UntestedMusts => [.. Untested.Where(entry => entry.IsMust)];

    public string Write()
    {
        StringBuilder text = new();
        text.Append(
            """
            # Conformance

            Generated from [spec/requirements.yaml](../spec/requirements.yaml), the ids cited in `src/` and the ids named by tests;
            never edited by hand. `TCPAO_UPDATE_GOLDEN=1` and a run of the tests writes it anew.


            """);
        WriteCounts(text);
        foreach (IGrouping<string, CatalogueEntry> section in catalogue.GroupBy(entry => entry.Section, StringComparer.Ordinal))
        {
            text.Append($"\n## {section.Key}\n\n");
            text.Append("| Id | Level | Requirement | Status | Obeyed in | Proved by | Reason or remark |\n");
            text.Append("| --- | --- | --- | --- | --- | --- | --- |\n");
            foreach (CatalogueEntry entry in section)
            {
                text.Append($"| {entry.Id} | {entry.Level} | {Cell(entry.Text)} *{Cell(entry.Source)}* | {Status(entry)} | {Files(entry)} | {Tests(entry)} | {Cell(entry.Reason)} |\n");
            }
        }

        return text.ToString();
    }

    private static string Status(CatalogueEntry entry) => entry switch
    {
        { IsOpen: true, IsMust: true } => $"**{entry.Level} open**: {entry.Part}",
        { IsOpen: true } => $"open: {entry.Part}",
        { Status: "not-applicable" } => "not applicable",
        _ => entry.Status,
    };

    /// <summary>A text that neither ends its cell nor is taken for Markdown.</summary>
    private static string Cell(string text)
    {
        StringBuilder cell = new();
        foreach (char c in text)
        {
            if (c is '|' or '*' or '<' or '_' or '[' or '`' or '\\')
            {
                cell.Append('\\');
            }

            cell.Append(c);
        }

        return cell.ToString();
    }

    private static string Ids(IEnumerable<CatalogueEntry> entries) => string.Join(", ", entries.Select(entry => entry.Id)) is { Length: > 0 } ids ? ids : "none";

    private void WriteCounts(StringBuilder text)
    {
        text.Append("| Status | Requirements | of them MUST |\n| --- | ---: | ---: |\n");
        foreach (string status in (string[])["implemented", "exception", "open", "not-applicable"])
        {
            int count = catalogue.Count(entry => string.Equals(entry.Status, status, StringComparison.Ordinal));
            int musts = catalogue.Count(entry => entry.IsMust && string.Equals(entry.Status, status, StringComparison.Ordinal));
            text.Append($"| {status} | {count} | {musts} |\n");
        }

        text.Append($"\n- implemented without a test: {Untested.Count}; of them MUST: {UntestedMusts.Count} ({Ids(UntestedMusts)})\n");
        text.Append($"- MUST open: {Ids(catalogue.Where(entry => entry.IsOpen && entry.IsMust))}\n");
        text.Append($"- MUST with an exception: {Ids(catalogue.Where(entry => entry.Status is "exception" && entry.IsMust))}\n");
    }

    private string Files(CatalogueEntry entry) =>
        string.Join(", ", citations.FilesOf(entry.Id).Select(path => $"[{System.IO.Path.GetFileName(path)}](../{path})")) is { Length: > 0 } files ? files
            : entry.IsImplemented ? "not cited"
            : "";

    private string Tests(CatalogueEntry entry) =>
        string.Join(", ", citations.TestsOf(entry.Id)) is { Length: > 0 } tests ? tests
            : entry.IsImplemented ? "**no test**"
            : "";
}
