using System.Diagnostics;

namespace TcpAo.Cli.Lab;

/// <summary>How this program starts itself.</summary>
internal static class LabProgram
{
    /// <summary>Program and first arguments: the host of .NET with our file, or our own executable.</summary>
    public static string[] Words
    {
        get
        {
            string program = Environment.ProcessPath ?? "dotnet";
            return string.Equals(Path.GetFileNameWithoutExtension(program), "dotnet", StringComparison.Ordinal)
                ? [program, Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll")]
                : [program];
        }
    }

    public static ProcessStartInfo Self(params string[] arguments)
    {
        string[] words = [.. Words, .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false };

        // a socket in /tmp for each process, which stays behind where one is killed
        start.Environment["DOTNET_EnableDiagnostics"] = "0";

        // short lives: what they would gain by more compiling they do not live to see
        start.Environment["DOTNET_TieredPGO"] = "0";
        return start;
    }
}
