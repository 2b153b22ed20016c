using System.Globalization;
using System.Text.RegularExpressions;
using TcpAo.Tests.Support;

namespace TcpAo.Tests.Conformance;

/// <summary>
/// Where requirements are named, read from the source: so the tests of every assembly count alike, in the form
/// <c>[Requirement("…")]</c> as in the form <c>[Trait("Requirement", "…")]</c>.
/// </summary>
internal sealed partial class Citations
{
    private readonly SortedDictionary<string, SortedSet<string>> _files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedSet<string>> _tests = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedSet<string>> _all = new(StringComparer.Ordinal);

    /// <summary>Every id that is named anywhere, with the files that name it.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> All => _all;

    /// <summary>The citations of the repository. The tests of the conformance table itself, which make ids up, do not count.</summary>
    public static Citations OfRepository()
    {
        Citations citations = new();
        foreach (string path in Repository.Files("src", ".cs"))
        {
            citations.AddSource(path, Repository.Read(path));
        }

        foreach (string path in Repository.Files("tests", ".cs").Where(path => !path.StartsWith("tests/TcpAo.Tests/Conformance/", StringComparison.Ordinal)))
        {
            citations.AddTests(path, Repository.Read(path));
        }

        return citations;
    }

    /// <summary>The files of the product that cite a requirement, from the root.</summary>
    public IReadOnlyCollection<string> FilesOf(string id) => _files.TryGetValue(id, out SortedSet<string>? files) ? files : [];

    /// <summary>The test classes that name a requirement, without their namespaces.</summary>
    public IReadOnlyCollection<string> TestsOf(string id) => _tests.TryGetValue(id, out SortedSet<string>? tests) ? tests : [];

    /// <summary>A file of the product: every id in it is a citation, and "from one to another" cites those between too.</summary>
    public void AddSource(string path, string text)
    {
        AddAll(path, text);
        foreach (string id in IdsIn(text))
        {
            Add(_files, id, path);
        }
    }

    /// <summary>A file of tests: what counts are the attributes, and the class that they stand in.</summary>
    public void AddTests(string path, string text)
    {
        AddAll(path, text);
        MatchCollection classes = ClassDeclaration().Matches(text);
        foreach (Match attribute in TestAttribute().Matches(text))
        {
            // an attribute of a class stands before it, one of a method inside
            bool isOfClass = text[text.LastIndexOf('\n', attribute.Index) + 1] == '[';
            Match? declaration = isOfClass
                ? classes.FirstOrDefault(declaration => declaration.Index > attribute.Index)
                : classes.LastOrDefault(declaration => declaration.Index < attribute.Index);
            string name = declaration?.Groups["name"].Value ?? Path.GetFileNameWithoutExtension(path);
            foreach (Match id in AnyId().Matches(attribute.Value))
            {
                Add(_tests, id.Value, name);
            }
        }
    }

    private static IEnumerable<string> IdsIn(string text)
    {
        foreach (Match range in IdRange().Matches(text))
        {
            int first = int.Parse(range.Groups["first"].ValueSpan, CultureInfo.InvariantCulture);
            int last = int.Parse(range.Groups["last"].ValueSpan, CultureInfo.InvariantCulture);
            for (int number = first; number <= last; number++)
            {
                yield return $"R-{number:000}";
            }
        }

        foreach (Match id in AnyId().Matches(text))
        {
            yield return id.Value;
        }
    }

    private static void Add(SortedDictionary<string, SortedSet<string>> to, string id, string what)
    {
        if (!to.TryGetValue(id, out SortedSet<string>? set))
        {
            to[id] = set = new SortedSet<string>(StringComparer.Ordinal);
        }

        set.Add(what);
    }

    private void AddAll(string path, string text)
    {
        foreach (string id in IdsIn(text))
        {
            Add(_all, id, path);
        }
    }

    [GeneratedRegex(@"\bR-\d+\b", RegexOptions.CultureInvariant)]
    private static partial Regex AnyId();

    [GeneratedRegex(@"\bR-(?<first>\d{3}) to R-(?<last>\d{3})\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex IdRange();

    [GeneratedRegex(
        @"\bRequirement\(\s*""R-\d+""(\s*,\s*""R-\d+"")*\s*\)|""Requirement"",\s*""R-\d+""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex TestAttribute();

    [GeneratedRegex(@"^(?! )[\w ]*\b(class|struct|record) (?<name>\w+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline)]
    private static partial Regex ClassDeclaration();
}
