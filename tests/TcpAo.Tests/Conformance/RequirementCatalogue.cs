namespace TcpAo.Tests.Conformance;

/// <summary>
/// Reads <c>spec/requirements.yaml</c>, which is written in the few forms of YAML that this reader knows: blocks that begin with
/// <c>- id:</c>, fields indented by two blanks, values plain or in single quotes, comments and empty lines between blocks.
/// </summary>
internal static class RequirementCatalogue
{
    public const string Path = "spec/requirements.yaml";

    private static readonly string[] s_fields = ["id", "section", "source", "level", "text", "status", "part", "reason"];

    /// <exception cref="FormatException">A line is in no form that is known, or a block lacks a field.</exception>
    public static IReadOnlyList<CatalogueEntry> Parse(string yaml)
    {
        List<Dictionary<string, string>> blocks = [];
        int number = 0;
        foreach (string line in yaml.Split('\n'))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            string field = colon > 2 ? line[2..colon] : "";
            bool isFirst = line.StartsWith("- ", StringComparison.Ordinal);
            bool isIndented = line.StartsWith("  ", StringComparison.Ordinal);
            if ((!isFirst && !isIndented) || !s_fields.Contains(field) || isFirst != (field is "id") || (isIndented && blocks.Count == 0))
            {
                throw new FormatException($"{Path}:{number}: not a line of a requirement: {line}");
            }

            if (isFirst)
            {
                blocks.Add([]);
            }

            if (!blocks[^1].TryAdd(field, Unquote(line[(colon + 2)..], number)))
            {
                throw new FormatException($"{Path}:{number}: {field} stands twice in one block");
            }
        }

        return [.. blocks.Select(ToEntry)];
    }

    private static string Unquote(string value, int line)
    {
        if (value[0] != '\'')
        {
            return value;
        }

        string inner = value.Length > 1 && value[^1] == '\'' ? value[1..^1] : "'";
        return inner.Replace("''", "", StringComparison.Ordinal).Contains('\'', StringComparison.Ordinal)
            ? throw new FormatException($"{Path}:{line}: a quote is not closed, or not doubled")
            : inner.Replace("''", "'", StringComparison.Ordinal);
    }

    private static CatalogueEntry ToEntry(Dictionary<string, string> block)
    {
        return new CatalogueEntry(
            Needed("id"), Needed("section"), Needed("source"), Needed("level"), Needed("text"), Needed("status"), Other("part"), Other("reason"));

        string Needed(string field) =>
            block.GetValueOrDefault(field) ?? throw new FormatException($"{Path}: {block["id"]} has no {field}");

        string Other(string field) => block.GetValueOrDefault(field, "");
    }
}
