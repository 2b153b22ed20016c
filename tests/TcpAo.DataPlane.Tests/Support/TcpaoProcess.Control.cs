using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>What a command said to its end.</summary>
internal sealed record Answer(int ExitCode, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}

/// <summary>Commands that talk to the running program.</summary>
internal sealed partial class TcpaoProcess
{
    /// <summary>Variables that the program gets besides.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public string ControlPath => Path.ChangeExtension(StatePath, ".sock");

    /// <summary>Runs a command against the program's control socket.</summary>
    public Answer Ask(params string[] arguments) => AskAs([], arguments);

    /// <summary>Starts a command that does not end by itself.</summary>
    public Process StartAsking(params string[] arguments) => StartCommand([], [.. arguments, "--control", ControlPath]);

    /// <summary>The same, started by another program, such as setpriv.</summary>
    public Answer AskAs(string[] before, params string[] arguments) => Finish(StartCommand(before, [.. arguments, "--control", ControlPath]), arguments);

    /// <summary>Runs a command that talks to nobody.</summary>
    public Answer Command(params string[] arguments) => Finish(StartCommand([], arguments), arguments);

    /// <summary>Starts a command that talks to no control socket; the caller reads what it says.</summary>
    public Process StartAlone(params string[] arguments) => StartCommand([], arguments);

    private static Answer Finish(Process started, string[] arguments)
    {
        using Process process = started;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            Assert.True(process.WaitForExit(Wait.Milliseconds), $"tcpao {string.Join(' ', arguments)} did not end");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        Wait.For(Task.WhenAll(output, error));
        return new Answer(process.ExitCode, output.Result, error.Result);
    }

    private Process StartCommand(string[] before, string[] arguments)
    {
        string[] words = [.. before, "dotnet", Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        return host.Space.Run(() => Process.Start(start)!);
    }

    /// <summary>What <c>show --json</c> gives.</summary>
    public JsonElement Show()
    {
        Answer answer = Ask("show", "--json");
        Assert.Equal((0, string.Empty), (answer.ExitCode, answer.Error));
        return answer.Json;
    }
}
