using System.Diagnostics;

namespace TcpAo.Interop.Tests.Support;

/// <summary>
/// Programs, all ended when this is disposed or the tests end in whatever way: a shell is told how to clear up and does so when its input ends.
/// </summary>
internal sealed class Programs : IDisposable
{
    private const string Sweeper = """
        while read -r command; do commands="$command; ${commands:-}"; done
        eval "${commands:-}"
        """;

    private readonly Process _sweeper;

    public Programs()
    {
        ProcessStartInfo start = new("sh", ["-c", Sweeper]) { UseShellExecute = false, RedirectStandardInput = true };
        _sweeper = Process.Start(start)!;
    }

    public Process Start(Lines lines, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        AtEnd($"kill -9 {process.Id} 2>/dev/null");
        lines.Follow(process.StandardOutput);
        lines.Follow(process.StandardError);
        return process;
    }

    /// <summary>Runs a program to its end.</summary>
    public static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
    }

    /// <summary>A command to be run at the end, before those that were given earlier.</summary>
    public void AtEnd(string command)
    {
        _sweeper.StandardInput.Write(command + "\n");
        _sweeper.StandardInput.Flush();
    }

    public void Dispose()
    {
        _sweeper.StandardInput.Close();
        _sweeper.WaitForExit();
        _sweeper.Dispose();
    }
}
