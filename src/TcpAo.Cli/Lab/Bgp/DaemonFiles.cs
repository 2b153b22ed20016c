using System.Diagnostics;

namespace TcpAo.Cli.Lab.Bgp;

/// <summary>Finds programs, of the system and in a folder of unpacked packages.</summary>
/// <param name="folder">The folder; null for the system alone.</param>
internal sealed class DaemonFiles(string? folder)
{
    private static readonly string[] s_places = ["usr/sbin", "usr/bin", "usr/lib/frr", "usr/local/sbin", "usr/local/bin", "sbin", "bin"];

    /// <summary>Path of a program; null where there is none.</summary>
    public string? Find(string program) => Roots()
        .SelectMany(root => s_places.Select(place => Path.Combine(root, place, program)))
        .FirstOrDefault(File.Exists);

    /// <summary>How to start a program that was found; its libraries may be unpacked beside it.</summary>
    public ProcessStartInfo Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(program)!, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (folder is not null)
        {
            string libraries = Path.Combine(folder, "usr/lib");
            string[] places = Directory.Exists(libraries) ? [.. Directory.GetDirectories(libraries, "*-linux-gnu*").SelectMany(place => (string[])[place, Path.Combine(place, "frr")])] : [];
            start.Environment["LD_LIBRARY_PATH"] = string.Join(':', places);
        }

        return start;
    }

    private IEnumerable<string> Roots() => folder is null ? ["/"] : [folder, "/"];
}
