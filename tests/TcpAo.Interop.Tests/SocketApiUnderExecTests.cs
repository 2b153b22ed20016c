using System.Diagnostics;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>The .NET API under <c>tcpao exec</c>: the very program that <see cref="SocketApiTests"/> runs on Linux's own TCP-AO, on this kernel.</summary>
public sealed class SocketApiUnderExecTests
{
    private const int LongestMilliseconds = 300_000;

    [Fact]
    [Trait("Requirement", "R-054")]
    [Trait("Requirement", "R-055")]
    [Trait("Requirement", "R-056")]
    [Trait("Requirement", "R-057")]
    public async Task Matrix_UnderExec_PassesInEveryRow()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "namespaces and rules need root");
        using var space = NetworkNamespace.Create();
        space.Run(() => RouteSocket.Use(route =>
        {
            route.SetUp("lo");
            for (int host = 1; host <= 3; host++)
            {
                route.AddAddress("lo", System.Net.IPAddress.Parse($"2001:db8:59::{host}"), 128);
            }
        }));
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        string program = Path.Combine(here.Parent!.Parent!.FullName, "TcpAo.Linux.Tests", here.Name, "TcpAo.Linux.Tests.dll");
        string[] words = ["dotnet", Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), "exec", "--", "dotnet", program, "sockets"];
        using Process process = space.Run(() => Process.Start(new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await Task.WhenAll(output, error, process.WaitForExitAsync(TestContext.Current.CancellationToken)).WaitAsync(TimeSpan.FromMilliseconds(LongestMilliseconds), TestContext.Current.CancellationToken);
            string[] lines = (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.All(lines[..^1], line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
            Assert.Matches(@"^(\d+) of \1 rows passed, ports and received ids by tcpao, answered by Exec,", lines[^1]);
            Assert.Equal((0, string.Empty), (process.ExitCode, await error));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
