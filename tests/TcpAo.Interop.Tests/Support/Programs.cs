using System.Diagnostics;

namespace TcpAo.Interop.Tests.Support;

/// <summary>Programs, started and ended.</summary>
internal static class Programs
{
    public static Process Start(Lines lines, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
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
        lines.Follow(process.StandardOutput);
        lines.Follow(process.StandardError);
        return process;
    }

    /// <summary>Ends a program and what it has started.</summary>
    public static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.WaitForExit();
        process.Dispose();
    }
}
