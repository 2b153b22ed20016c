using System.Text.RegularExpressions;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Architecture;

/// <summary>What every text file of the repository keeps to: it stands on its own, and its links lead somewhere.</summary>
public sealed partial class TextTests
{
    /// <summary>Git's measure: a file without a zero byte at its beginning is text.</summary>
    private const int Beginning = 8000;

    /// <summary>The check that runs where the repository is kept, and has to know that place.</summary>
    private static readonly string[] s_mayPointOutside = [".ci/run"];

    [Fact]
    public void TextFile_Any_NamesNoPathOutsideTheRepository() => Assert.All(
        Repository.Files("").Where(path => !s_mayPointOutside.Contains(path)),
        path =>
        {
            if (ReadText(path) is { } text && OutsidePath().Match(text) is { Success: true } match)
            {
                Assert.Fail($"{path}:{text.AsSpan(0, match.Index).Count('\n') + 1} names a path outside the repository");
            }
        });

    [Fact]
    public void Link_InMarkdown_LeadsToAFile() => Assert.All(Repository.Files("", ".md"), path =>
    {
        string folder = Path.GetDirectoryName(Repository.PathOf(path))!;
        foreach (string target in RelativeLinks(Repository.Read(path)))
        {
            string file = Path.GetFullPath(Path.Combine(target.StartsWith('/') ? Repository.Root : folder, target.TrimStart('/')));
            Assert.True(file.StartsWith(Repository.Root, StringComparison.Ordinal), $"{path} links outside the repository: {target}");
            Assert.True(File.Exists(file) || Directory.Exists(file), $"{path} links to what is not there: {target}");
        }
    });

    [Theory]
    [InlineData("see /wor" + "k/main/x", true)]
    [InlineData("file:///wor" + "k/x", true)]
    [InlineData("include=../sha" + "red/facts", true)]
    [InlineData("src/frame-work/x", false)]
    [InlineData("https://example.net/work/x", false)]
    [InlineData("../src/shared/x", false)]
    public void OutsidePath_InALine_IsRecognized(string line, bool expected) => Assert.Equal(expected, OutsidePath().IsMatch(line));

    [Fact]
    public void Links_OfMarkdown_AreFoundOutsideCodeOnly() => Assert.Equal(
        ["a.md", "b c.md", "img.png", "ref.md"],
        RelativeLinks(
            """
            [a](a.md#part) and [b](<b c.md> "title"), [web](https://example.net/x), [here](#part), ![i](img.png)
            `[code](no.md)`
            ```sh
            [code](no.md)
            ```
            [r]: ref.md
            """));

    private static string? ReadText(string path)
    {
        byte[] bytes = File.ReadAllBytes(Repository.PathOf(path));
        return bytes.AsSpan(0, Math.Min(bytes.Length, Beginning)).Contains((byte)0) ? null : System.Text.Encoding.UTF8.GetString(bytes);
    }

    private static IEnumerable<string> RelativeLinks(string markdown)
    {
        string prose = InlineCode().Replace(CodeBlock().Replace(markdown, ""), "");
        return Link().Matches(prose)
            .Select(link => link.Groups["target"].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !Scheme().IsMatch(target))
            .Select(Uri.UnescapeDataString);
    }

    // in pieces, for this file is checked too
    [GeneratedRegex("(?<!\\w)/wor" + "k/|\\.\\./sha" + "red\\b", RegexOptions.CultureInvariant)]
    private static partial Regex OutsidePath();

    [GeneratedRegex(@"^(?<fence>```|~~~).*?^\k<fence>", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"`[^`\n]*`", RegexOptions.CultureInvariant)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\((<(?<target>[^>\n]*)>|(?<target>[^\s)]+))|^\[[^\]\n]+\]:\s+(?<target>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9+.-]*:", RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();
}
