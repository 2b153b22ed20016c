using System.Collections.Immutable;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Recipes;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>Everything that is worth saying about the keys of a configuration, also of one that is wrong.</summary>
public static class KeyFileCheck
{
    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kekFile">File of the key-encryption key; null for where the configuration or the environment says.</param>
    /// <param name="router">What the other sides are, where that is known: what they cannot do is an error then; null: it is a note about all kinds.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or is not YAML.</exception>
    public static ImmutableArray<KeyFileFinding> Check(string path, string? kekFile, Recipe? router, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(path);
        ConfigurationReading reading = ConfigurationFile.ReadText(path, (text, openToOthers, _) =>
            ConfigurationFile.Read(text, path, ConfigurationFile.DirectoryOf(path), openToOthers, kekFile));
        if (!reading.Report.HasErrors)
        {
            _ = PolicyBuilder.Build(reading.Peers, PolicyBuilder.ScopesOf(reading.Peers), reading.Report);
        }

        List<KeyFileFinding> findings =
        [
            .. FromReader(reading.Report.Errors(), KeyFindingSeverity.Error),
            .. FromReader(reading.Report.Warnings(), KeyFindingSeverity.Warning),
        ];
        KeyChain[] chains = [.. reading.Places.Select(place => place.Chain)];
        foreach (KeyFinding finding in KeyChainCheck.Check(chains, now))
        {
            Add(finding);
        }

        foreach (KeyChain chain in chains.Where(chain => !chain.Keys.IsEmpty))
        {
            foreach (KeyFinding finding in router is null ? Notes(chain) : Limits(chain, router))
            {
                Add(finding);
            }
        }

        return [.. findings.OrderBy(found => found.Line).ThenBy(found => found.Column).ThenByDescending(found => found.Finding.Severity)];

        void Add(KeyFinding finding)
        {
            KeyChainPlace place = reading.Places.First(place => string.Equals(place.Chain.Name, finding.Chain, StringComparison.Ordinal));
            ConfigMap map = finding.KeyIndex < 0 ? place.Map : place.Keys[finding.KeyIndex];

            // a key whose secret could not be read has one that is none
            if (finding.KeyIndex < 0 || !IsAboutSecret(finding) || !findings.Any(found => found.Finding.Severity == KeyFindingSeverity.Error && found.Path.StartsWith(map.Path, StringComparison.Ordinal)))
            {
                ConfigNode node = map.Find(finding.Leaf) ?? map.Node;
                findings.Add(new KeyFileFinding(path, node.Line, node.Column, finding.Leaf.Length == 0 ? map.Path : map.PathOf(finding.Leaf), finding));
            }
        }
    }

    private static bool IsAboutSecret(KeyFinding finding) => finding.Code.Contains("secret", StringComparison.Ordinal);

    /// <summary>What the strict reader says, less what <see cref="KeyChainCheck"/> says with the clock in hand.</summary>
    private static IEnumerable<KeyFileFinding> FromReader(IEnumerable<ConfigurationError> errors, KeyFindingSeverity severity) => errors
        .Where(error => error.Code.Length == 0 || error.Code is "secret-readable")
        .Select(error =>
        {
            (string chain, ulong? key) = PlaceOf(error.Path);
            string code = error.Code.Length == 0 ? "configuration" : error.Code;
            return new KeyFileFinding(error.File, error.Line, error.Column, error.Path, new KeyFinding(code, severity, chain, key, -1, "", error.Message, error.Hint));
        });

    private static (string Chain, ulong? Key) PlaceOf(string path)
    {
        const string Chains = "key-chains[";
        const string Keys = "].keys[";
        if (!path.StartsWith(Chains, StringComparison.Ordinal))
        {
            return ("", null);
        }

        int end = path.IndexOf(']', StringComparison.Ordinal);
        string chain = end < 0 ? "" : path[Chains.Length..end];
        int start = path.IndexOf(Keys, StringComparison.Ordinal);
        int until = start < 0 ? -1 : path.IndexOf(']', start + Keys.Length);
        return (chain, until >= 0 && ulong.TryParse(path[(start + Keys.Length)..until], out ulong key) ? key : null);
    }

    private static IEnumerable<KeyFinding> Limits(KeyChain chain, Recipe router) => router.Examine(chain).Select(finding => new KeyFinding(
        $"vendor-{finding.Code}",
        finding.IsLimit ? KeyFindingSeverity.Error : KeyFindingSeverity.Note,
        chain.Name,
        finding.KeyIndex < 0 ? null : chain.Keys[finding.KeyIndex].Id,
        finding.KeyIndex,
        finding.Leaf,
        $"{router.Name} {finding.Message}",
        finding.Hint));

    /// <summary>What some kinds of routers cannot do, each thing once with all their names.</summary>
    private static IEnumerable<KeyFinding> Notes(KeyChain chain) => RecipeBook.All
        .SelectMany(recipe => recipe.Examine(chain).Select(finding => (recipe.Name, Finding: finding)))
        .Where(pair => pair.Finding.IsLimit || pair.Finding.Code is "options-default")
        .GroupBy(pair => (pair.Finding.Code, pair.Finding.KeyIndex, pair.Finding.Message))
        .Select(group =>
        {
            VendorFinding finding = group.First().Finding;
            return new KeyFinding(
                $"vendor-{finding.Code}",
                KeyFindingSeverity.Note,
                chain.Name,
                finding.KeyIndex < 0 ? null : chain.Keys[finding.KeyIndex].Id,
                finding.KeyIndex,
                finding.Leaf,
                $"{string.Join(", ", group.Select(pair => pair.Name).Distinct(StringComparer.Ordinal))}: {finding.Message}",
                finding.Hint);
        });
}
