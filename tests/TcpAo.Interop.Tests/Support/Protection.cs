using System.Diagnostics;
using System.Globalization;

namespace TcpAo.Interop.Tests.Support;

/// <summary><c>tcpao run</c> in a named network namespace.</summary>
internal sealed class Protection
{
    private readonly Process _process;

    /// <param name="programs">Ends it.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="folder">A folder for its files.</param>
    /// <param name="configuration">Its configuration.</param>
    public Protection(Programs programs, string space, string folder, string configuration)
    {
        ConfigurationPath = Path.Combine(folder, $"{space}.yaml");
        Write(ConfigurationPath, configuration);
        _process = programs.Start(
            Log,
            "ip",
            ["netns", "exec", space, "dotnet", Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), "run", "-c", ConfigurationPath, "--state", Path.Combine(folder, $"{space}.state"), "--queue", "5926"]);
        Log.WaitFor("protecting");
    }

    public string ConfigurationPath { get; }

    /// <summary>What it tells.</summary>
    public Lines Log { get; } = new("tcpao run");

    /// <summary>Writes a file for the owner alone: it has secrets.</summary>
    public static void Write(string path, string configuration)
    {
        using FileStream file = new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        using StreamWriter writer = new(file);
        writer.Write(configuration);
    }

    /// <summary>Another configuration, by SIGHUP; returns when it is in force.</summary>
    public void Reload(string configuration)
    {
        int from = Log.Count;
        Write(ConfigurationPath, configuration);

        // the program has taken the place of ip
        Programs.Run("sh", "-c", $"kill -HUP {_process.Id.ToString(CultureInfo.InvariantCulture)}");
        Log.WaitFor("reloaded", from);
    }
}
