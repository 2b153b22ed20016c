using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Conformance;

/// <summary>The catalogue of requirements, and what is made of it together with the citations in the source.</summary>
public sealed class ConformanceTests
{
    /// <summary>The most implemented MUSTs that may be without a test. To be lowered when tests are added, never raised.</summary>
    private const int ToleratedUntestedMusts = 5;

    private static readonly string[] s_levels = ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "RECOMMENDED", "MAY", "FACT", "DERIVED"];
    private static readonly string[] s_statuses = ["implemented", "exception", "open", "not-applicable"];
    private static readonly string[] s_parts = ["data plane", "socket interface", "rollover"];

    private static readonly IReadOnlyList<CatalogueEntry> s_catalogue = RequirementCatalogue.Parse(Repository.Read(RequirementCatalogue.Path));
    private static readonly Citations s_citations = Citations.OfRepository();

    [Fact]
    public void Catalogue_AsCommitted_NumbersItsRequirementsWithoutGaps() =>
        Assert.Equal(Enumerable.Range(1, s_catalogue.Count).Select(number => $"R-{number:000}"), s_catalogue.Select(entry => entry.Id));

    [Fact]
    public void Catalogue_AsCommitted_HasEveryFieldThatAStatusNeeds() => Assert.Empty(s_catalogue.SelectMany(Problems));

    [Fact]
    public void Citation_OfARequirement_IsInTheCatalogue()
    {
        HashSet<string> known = [.. s_catalogue.Select(entry => entry.Id)];
        Assert.Empty(s_citations.All.Where(cited => !known.Contains(cited.Key)).Select(cited => $"{cited.Key} in {string.Join(", ", cited.Value)}"));
    }

    [Fact]
    public void Table_OfTheSourceAsItIs_IsTheCommittedOne() =>
        Golden.Match(new ConformanceReport(s_catalogue, s_citations).Write(), ConformanceReport.Path);

    [Fact]
    public void Musts_Implemented_HaveTestsButForAToleratedNumber()
    {
        IReadOnlyList<CatalogueEntry> untested = new ConformanceReport(s_catalogue, s_citations).UntestedMusts;
        Assert.True(
            untested.Count <= ToleratedUntestedMusts,
            $"{untested.Count} implemented MUSTs have no test, more than {ToleratedUntestedMusts}: {string.Join(", ", untested.Select(entry => entry.Id))}");
    }

    [Fact]
    public void Catalogue_WithQuotesAndComments_IsRead()
    {
        IReadOnlyList<CatalogueEntry> entries = RequirementCatalogue.Parse(
            """
            # a comment

            - id: R-001
              section: 'A: one'
              source: RFC 5925 2.2
              level: MUST
              text: 'it''s so'
              status: open
              part: data plane

            - id: R-002
              section: B
              source: Linux
              level: FACT
              text: none
              status: exception
              reason: 'why: because'
            """);
        Assert.Equal(
            [
                new CatalogueEntry("R-001", "A: one", "RFC 5925 2.2", "MUST", "it's so", "open", "data plane", ""),
                new CatalogueEntry("R-002", "B", "Linux", "FACT", "none", "exception", "", "why: because"),
            ],
            entries);
    }

    [Theory]
    [InlineData("  level: MUST")]
    [InlineData("- id: R-001\n  colour: red")]
    [InlineData("- id: R-001\n  level: MUST\n  level: MAY")]
    [InlineData("- id: R-001\n  text: 'not closed")]
    [InlineData("- id: R-001\n  text: 'it's so'")]
    [InlineData("- id: R-001\n  level: MUST\n    text: deeper")]
    [InlineData("- id: R-001\n  level: MUST")]
    [InlineData("- level: MUST\n  id: R-001")]
    public void Catalogue_InAnotherForm_IsRefused(string yaml) => Assert.Throws<FormatException>(() => RequirementCatalogue.Parse(yaml));

    [Fact]
    public void Citations_OfSource_CountSingleIdsAndRanges()
    {
        Citations citations = new();
        citations.AddSource("src/A.cs", "// R-001: one\n/// as R-003 to R-005 say\n");
        citations.AddSource("src/B.cs", "x(); // R-004");
        Assert.Equal(["R-001", "R-003", "R-004", "R-005"], citations.All.Keys);
        Assert.Equal(["src/A.cs", "src/B.cs"], citations.FilesOf("R-004"));
        Assert.Empty(citations.TestsOf("R-004"));
    }

    [Fact]
    public void Citations_OfTests_CountBothFormsOfAttributesAndNoComments()
    {
        Citations citations = new();
        citations.AddTests(
            "tests/Some.cs",
            """
            // R-009 is no proof
            [Requirement("R-001")]
            public sealed class FirstTests
            {
                [Fact, Requirement("R-002", "R-003")]
                public void A() => B();

                private sealed class Helper;

                [Fact]
                [Trait("Requirement", "R-004")]
                public void C() => B();
            }

            public sealed class SecondTests
            {
                [Trait("Requirement", "R-004")]
                public void D() => B();
            }
            """);
        Assert.Equal(["FirstTests"], citations.TestsOf("R-001"));
        Assert.Equal(["FirstTests"], citations.TestsOf("R-003"));
        Assert.Equal(["FirstTests", "SecondTests"], citations.TestsOf("R-004"));
        Assert.Empty(citations.TestsOf("R-009"));
        Assert.Contains("R-009", citations.All.Keys);
    }

    [Fact]
    public void Attribute_WithSeveralIds_IsATraitForEach()
    {
        RequirementAttribute attribute = new("R-083", "R-084");
        Assert.Equal(["R-083", "R-084"], attribute.GetTraits().Select(trait => trait.Value));
        Assert.All(attribute.GetTraits(), trait => Assert.Equal("Requirement", trait.Key));
    }

    private static IEnumerable<string> Problems(CatalogueEntry entry)
    {
        if (!s_levels.Contains(entry.Level))
        {
            yield return $"{entry.Id} has an unknown level, {entry.Level}";
        }

        if (!s_statuses.Contains(entry.Status))
        {
            yield return $"{entry.Id} has an unknown status, {entry.Status}";
        }

        if (entry.IsOpen ? !s_parts.Contains(entry.Part) : entry.Part.Length > 0)
        {
            yield return $"{entry.Id} is {entry.Status} and waits for '{entry.Part}'";
        }

        if (entry.Reason.Length == 0 && entry.Status is ("exception" or "not-applicable"))
        {
            yield return $"{entry.Id} is {entry.Status} and gives no reason";
        }
    }
}
