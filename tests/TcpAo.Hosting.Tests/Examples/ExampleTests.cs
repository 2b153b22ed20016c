using System.Diagnostics;
using System.Text.RegularExpressions;
using TcpAo.Linux.Sockets;
using Xunit;

namespace TcpAo.Hosting.Tests.Examples;

/// <summary>What the documents show is what the programs print, and the tests that they name exist.</summary>
public sealed partial class ExampleTests
{
    private static readonly string s_root = FindRoot();

    // the tests are in artifacts/bin/<project>/<configuration>, and so are the programs
    private static readonly string s_configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;

    public static TheoryData<string> CommandsOfTheReadme => [.. ShownCommand().Matches(Read("README.md")).Select(match => match.Groups["arguments"].Value)];

    [Fact]
    public void Example_SignASegment_PrintsWhatItsReadmeShows()
    {
        Match shown = TextBlock().Match(Read("examples/01-sign-a-segment/README.md"));
        (string output, string errors, int code) = Run("SignASegment");

        Assert.Equal(shown.Groups["text"].Value, output);
        Assert.Equal("", errors);
        Assert.Equal(0, code);
    }

    /// <summary>On a kernel with TCP-AO they are run in a guest.</summary>
    [Theory]
    [InlineData("SocketEcho", "client", "127.0.0.1", "5925")]
    [InlineData("KestrelOverTcpAo")]
    public void Example_WhereThereIsNoTcpAo_SaysSoAndEndsWithFour(string project, params string[] arguments)
    {
        Assert.SkipWhen(TcpAoSupport.IsSupported, "this kernel has TCP-AO");
        (string output, string errors, int code) = Run(project, arguments);
        Assert.Equal(("", $"{TcpAoSupport.Reason}\n", 4), (output, errors, code));
    }

    [Theory]
    [InlineData("Server")]
    [InlineData("Client")]
    public void Lines_OfTheReadme_AreThoseOfTheExample(string name)
    {
        string source = Read($"examples/02-socket-echo/{name}.cs");
        string body = source[(source.IndexOf("    {\n        using Socket", StringComparison.Ordinal) + 6)..source.IndexOf("\n    }\n}", StringComparison.Ordinal)];
        string lines = string.Join('\n', body.Split('\n').Select(line => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line));
        Assert.Contains(lines, Read("README.md"), StringComparison.Ordinal);
    }

    /// <summary>A block of the README that ends with <c>...</c> shows only the beginning.</summary>
    [Theory]
    [MemberData(nameof(CommandsOfTheReadme))]
    public void Command_InTheReadme_PrintsWhatItShows(string arguments)
    {
        string shown = ShownCommand().Matches(Read("README.md")).First(match => string.Equals(match.Groups["arguments"].Value, arguments, StringComparison.Ordinal)).Groups["text"].Value;
        (string output, _, _) = Run("TcpAo.Cli", arguments.Split(' '));

        if (shown.EndsWith("\n...\n", StringComparison.Ordinal))
        {
            Assert.StartsWith(shown[..^4], output, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(shown, output);
        }
    }

    [Fact]
    public void Questions_ProvedByATest_NameOneThatExists()
    {
        MatchCollection named = NamedTest().Matches(Read("docs/faq.md"));
        Assert.NotEmpty(named);
        Assert.All(named, match => Assert.Contains(
            $" {match.Groups["method"].Value}(",
            Read(Path.Combine("docs", match.Groups["file"].Value)),
            StringComparison.Ordinal));
    }

    [Fact]
    public void Reasons_EveryOne_IsInTheReference()
    {
        string reference = Read("docs/reference/verify-json.md");
        Assert.All(Enum.GetValues<DropReason>().Where(reason => reason != DropReason.None), reason => Assert.Contains($"| `{reason.ToName()}` |", reference, StringComparison.Ordinal));
    }

    private static (string Output, string Errors, int Code) Run(string project, params string[] arguments)
    {
        string program = Path.Combine(s_root, "artifacts", "bin", project, s_configuration, $"{project}.dll");
        ProcessStartInfo start = new("dotnet", [program, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = s_root };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        // the documents have no white space at the ends of lines
        return (LineEnd().Replace(output, "\n"), errors.GetAwaiter().GetResult(), process.ExitCode);
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(s_root, path));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TcpAo.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("There is no TcpAo.slnx above the tests.");
    }

    [GeneratedRegex(@"^```text\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex TextBlock();

    [GeneratedRegex(@"^<!-- run: (?<arguments>[^\n]*?) -->\n```\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex ShownCommand();

    [GeneratedRegex(@"\[`\w+\.(?<method>\w+)`\]\((?<file>[^)]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex NamedTest();

    [GeneratedRegex("[ \t\r]*\n", RegexOptions.CultureInvariant)]
    private static partial Regex LineEnd();
}
