using System.Diagnostics;
using System.Text.Json;
using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Running;

/// <summary><c>tcpao bench path</c> measures real transfers in namespaces of its own. What the figures are is nothing that a test says.</summary>
public sealed class PathBenchTests
{
    [Fact]
    public void Path_OneAlgorithm_GivesAFigureOfEachCaseAndItsReference()
    {
        using (Host.Create())
        {
            // skips where there are no namespaces
        }

        (int code, string output, string log) = Run("bench", "path", "--json", "--mebibytes", "1", "--algorithm", "aes-128-cmac-96", "--data-path", "nfqueue");
        Assert.True(code == 0, $"bench ended with {code} and said:\n{output}\n{log}");
        JsonElement[] rows = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        string[] macs = ["tcp, tso off", "none, option only", "aes-128-cmac-96"];
        Assert.Equal([.. macs, .. macs], rows.Select(row => row.GetProperty("mac").GetString()));
        Assert.All(rows, row => Assert.Equal(("tcpao.bench/1", "path"), (row.GetProperty("schema").GetString(), row.GetProperty("what").GetString())));
        Assert.All(rows[..3], row => Assert.True(row.GetProperty("mbit-per-second-median").GetDouble() > 0));
        Assert.All(rows[3..], row => Assert.True(row.GetProperty("microseconds-min").GetDouble() > 0));
    }

    [Fact]
    public void Path_UnknownAlgorithm_IsAnErrorOfUsage()
    {
        (int code, string output, string log) = Run("bench", "path", "--algorithm", "hmac-md5");
        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains("there is no algorithm 'hmac-md5'; there are hmac-sha-1-96,", log, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Log) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), .. arguments]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> log = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, Wait.ForResult(log));
    }
}
