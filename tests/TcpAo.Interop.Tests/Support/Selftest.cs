using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>One of Linux' own tests of TCP-AO, as eng/fetch-selftests.sh builds them, and what it said (TAP) under <c>tcpao exec --proc</c>.</summary>
internal sealed partial record Selftest(int ExitCode, IReadOnlyList<string> PassedPoints, int ExpectedFailures, IReadOnlyList<string> Skipped, IReadOnlyList<string> Failed, string Output)
{
    private const string Variable = "TCPAO_TEST_SELFTESTS";

    // Some points need a step done before a timer of the kernel does its own, also with TCP-AO of the kernel: restore has to move a connection to another socket before the delayed ACK is due, 40 ms after the last
    // segment, or the peer has nothing left to send again and the counter that the point waits for never rises. A busy machine has to let them.
    private const string Priority = "-15";

    // the longest makes 2 000 connections one after the other
    private const int LimitMilliseconds = 1_200_000;

    /// <summary>What each makes where a kernel has TCP-AO, VRFs and the trace events: points passed, and expected failures.</summary>
    public static IReadOnlyDictionary<string, (int Passed, int ExpectedFailures)> OnLinux { get; } = new Dictionary<string, (int, int)>(StringComparer.Ordinal)
    {
        ["bench-lookups"] = (31, 0),
        ["connect"] = (2, 0),
        ["connect-deny"] = (22, 0),
        ["icmps-accept"] = (4, 0),
        ["icmps-discard"] = (4, 0),
        ["key-management"] = (118, 3),
        ["restore"] = (21, 0),
        ["rst"] = (15, 0),
        ["self-connect"] = (5, 0),
        ["seq-ext"] = (8, 0),
        ["setsockopt-closed"] = (126, 0),
        ["unsigned-md5"] = (73, 0),
    };

    public int Passed => PassedPoints.Count;

    private static string Folder => Environment.GetEnvironmentVariable(Variable) ?? "";

    public static void SkipUnlessThere()
    {
        Assert.SkipUnless(Folder.Length > 0, $"{Variable} does not name the folder of Linux' selftests that eng/fetch-selftests.sh makes");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "the selftests make network namespaces, which needs root");
    }

    public static string PathOf(string program) => Path.Combine(Folder, program);

    /// <summary>Runs one to its end, in a folder of its own: it mounts a file system there.</summary>
    public static Selftest Run(string program)
    {
        string folder = Directory.CreateTempSubdirectory("tcpao-selftest-").FullName;
        using Programs programs = new();
        programs.AtEnd($"rm -rf {folder}");
        string tcpao = Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll");
        ProcessStartInfo start = new("nice", ["-n", Priority, "unshare", "--mount", "dotnet", tcpao, "exec", "--proc", "--log", Path.Combine(folder, "log"), "--", PathOf(program)])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        programs.AtEnd($"kill -9 {process.Id} 2>/dev/null");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        bool isOver = process.WaitForExit(LimitMilliseconds);
        if (!isOver)
        {
            process.Kill();
            process.WaitForExit();
        }

        string log = Path.Combine(folder, "log");
        string all = $"{output.Result}{errors.Result}{(File.Exists(log) ? File.ReadAllText(log) : "")}";
        Assert.True(isOver, $"{program} was not over after {LimitMilliseconds / 1000} s:\n{all}");
        return Parse(output.Result, process.ExitCode, all);
    }

    /// <summary>Reads what one wrote.</summary>
    public static Selftest Parse(string tap, int exitCode, string output)
    {
        List<string> passed = [];
        int expected = 0;
        List<string> skipped = [];
        List<string> failed = [];
        foreach (Match point in Point().Matches(tap))
        {
            string said = point.Groups["said"].Value;
            if (point.Groups["not"].Success)
            {
                failed.Add(point.Value);
            }
            else if (said.StartsWith("# SKIP ", StringComparison.Ordinal))
            {
                skipped.Add(said);
            }
            else if (said.StartsWith("# XFAIL ", StringComparison.Ordinal))
            {
                expected++;
            }
            else
            {
                passed.Add(said);
            }
        }

        return new Selftest(exitCode, passed, expected, skipped, failed, output);
    }

    [GeneratedRegex("^(?<not>not )?ok [0-9]+ (?<said>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Point();
}
