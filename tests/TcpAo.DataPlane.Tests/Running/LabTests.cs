using System.Diagnostics;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary>What a newcomer types first works, as root and as anybody, and leaves nothing behind.</summary>
public sealed class LabTests
{
    /// <summary>The whole lab on a busy machine, and then some.</summary>
    private const int Milliseconds = 300_000;

    private static readonly string[] s_anybody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-019")]
    [Trait("Requirement", "R-053")]
    [Trait("Requirement", "R-092")]
    public void Lab_EveryScenario_BehavesWithoutAndWithTcpAo(bool isRoot)
    {
        using (Host.Create())
        {
            // skips where there are no namespaces
        }

        string[] before = isRoot ? [] : s_anybody;
        Assert.SkipUnless(isRoot || MayRun(before), "nobody may not make namespaces here, or may not read this folder");
        (int code, string[] lines, string log) = RunLab(before, "lab", "--json");
        JsonElement[] objects = [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.True(code == 0, $"lab ended with {code} and said:\n{string.Join('\n', lines)}\n{log}");
        Assert.All(objects, row => Assert.Equal("tcpao.lab/1", row.GetProperty("schema").GetString()));
        JsonElement[] rows = objects[..^1];
        Assert.All(rows, row =>
        {
            bool mayBeSkipped = string.Equals(row.GetProperty("scenario").GetString(), "bgp", StringComparison.Ordinal);
            string result = row.GetProperty("result").GetString()!;
            Assert.True(result is "ok" || (mayBeSkipped && result is "skipped"), row.ToString());
        });
        Assert.Equal(["attacks", "bgp", "loss", "restart", "rollover", "transfer"], rows.Select(row => row.GetProperty("scenario").GetString()).Distinct().Order());

        // each attack did its harm where TcpAo was not
        Assert.Equal(10, rows.Count(row => IsOf(row, "attacks") && row.GetProperty("without").GetString() is { Length: > 0 }));
        JsonElement summary = objects[^1];
        Assert.Equal(JsonValueKind.Null, summary.GetProperty("scenario").ValueKind);
        Assert.Equal(0, summary.GetProperty("failed").GetInt32());
        Assert.Equal(rows.Length, summary.GetProperty("ok").GetInt32() + summary.GetProperty("skipped").GetInt32());
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void Lab_Ended_LeavesNoProcess(string signal)
    {
        using (Host.Create())
        {
        }

        using Process lab = Start([], "lab", "restart");
        int[] family = [];
        Wait.Until(() => (family = Descendants(lab.Id)).Length >= 4, "the lab and two tcpao run are there");
        using (Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {lab.Id}"]))
        {
            kill.WaitForExit();
        }

        Assert.True(lab.WaitForExit(Wait.Milliseconds));
        Wait.Until(() => family.All(id => !Directory.Exists($"/proc/{id}")), "everything that the lab started is gone");
        Assert.NotEqual(0, lab.ExitCode);
    }

    [Fact]
    public void Lab_List_NamesEveryScenario()
    {
        (int code, string[] lines, _) = RunLab([], "lab", "--list");
        Assert.Equal(0, code);
        Assert.Equal(["transfer", "rollover", "attacks", "restart", "loss", "bgp"], lines.Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public void Lab_UnknownScenario_IsAnErrorOfUsage()
    {
        (int code, string[] lines, string log) = RunLab([], "lab", "transfre");
        Assert.Equal(2, code);
        Assert.Empty(lines);
        Assert.Contains("there is no scenario 'transfre'; there are transfer, rollover", log, StringComparison.Ordinal);
    }

    private static bool IsOf(JsonElement row, string scenario) => string.Equals(row.GetProperty("scenario").GetString(), scenario, StringComparison.Ordinal);

    private static bool MayRun(string[] before)
    {
        string[] words = [.. before, "unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--", "test", "-r", Program];
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true, UseShellExecute = false })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll");

    private static (int Code, string[] Lines, string Log) RunLab(string[] before, params string[] arguments)
    {
        using Process process = Start(before, arguments);
        Task<string> log = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(Milliseconds))
        {
            process.Kill();
            Assert.Fail("the lab did not end");
        }

        return (process.ExitCode, output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries), log.Result);
    }

    private static Process Start(string[] before, params string[] arguments)
    {
        string[] words = [.. before, "dotnet", Program, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return Process.Start(start)!;
    }

    /// <summary>Children, their children and so on.</summary>
    private static int[] Descendants(int id)
    {
        try
        {
            int[] children = [.. Directory.GetDirectories($"/proc/{id}/task")
                .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(int.Parse)];
            return [.. children, .. children.SelectMany(Descendants)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
