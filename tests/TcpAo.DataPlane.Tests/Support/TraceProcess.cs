using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>A <c>tcpao trace --json</c> that runs.</summary>
internal sealed class TraceProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;

    public TraceProcess(Host host, string controlPath, params string[] arguments)
    {
        string[] words = ["dotnet", Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), "trace", "--json", .. arguments, "--control", controlPath];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        _process = host.Space.Run(() => Process.Start(start)!);
        _output = _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        // from then on nothing is missed
        Task<string?> first = _process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();
        Wait.For(first);
        Assert.StartsWith("tcpao: tracing", first.Result, StringComparison.Ordinal);
    }

    /// <summary>Waits for the end, which is to be with a code, and gives the lines.</summary>
    public IReadOnlyList<JsonElement> Finish(int exitCode = 0)
    {
        Assert.True(_process.WaitForExit(Wait.Milliseconds), "tcpao trace did not end");
        Wait.For(_output);
        Assert.Equal(exitCode, _process.ExitCode);
        return [.. _output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>The one line of a trace that ends after one.</summary>
    public JsonElement FinishWithOne() => Assert.Single(Finish());

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
