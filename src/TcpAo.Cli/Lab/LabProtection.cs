using System.Diagnostics;

namespace TcpAo.Cli.Lab;

/// <summary><c>tcpao run</c> in a host: a process of its own, with its configuration, its state and what it says.</summary>
internal sealed class LabProtection(LabHost host, string folder) : IDisposable
{
    private const string Queue = "5925";

    private readonly Lock _gate = new();
    private readonly List<string> _log = [];
    private Process? _process;

    public string ConfigurationPath { get; } = Path.Combine(folder, $"{host.Name}.yaml");

    private string StatePath { get; } = Path.Combine(folder, $"{host.Name}.state");

    /// <summary>Writes the configuration, for its owner alone: it has secrets.</summary>
    public void Write(string configuration) => WriteTo(ConfigurationPath, configuration);

    /// <summary>The same to another file.</summary>
    public static void WriteTo(string path, string configuration)
    {
        File.WriteAllText(path, configuration);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Start()
    {
        ProcessStartInfo start = LabProgram.Self("run", "-c", ConfigurationPath, "--state", StatePath, "--queue", Queue);
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        _process?.Dispose();
        lock (_gate)
        {
            _log.Clear();
        }

        _process = host.Start(start);
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_gate)
            {
                if (line.Data is not null)
                {
                    _log.Add(line.Data);
                }
            }
        };
        _process.BeginErrorReadLine();
    }

    public void WaitUntilProtecting() => WaitFor("protecting");

    /// <summary>Waits for a line with all of the words.</summary>
    public void WaitFor(params string[] words)
    {
        bool isThere = false;
        LabWait.Until(() => (isThere = Count(words) > 0) || _process!.HasExited, $"'tcpao run' of {host.Name} says '{string.Join(" … ", words)}'");
        if (!isThere && Count(words) == 0)
        {
            throw new LabFailureException($"'tcpao run' of {host.Name} ended with {_process!.ExitCode}: {LastLine()}");
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGHUP; returns when the program has answered.</summary>
    public void Reload()
    {
        int before = Count("reloaded");
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -HUP {_process!.Id}"]);
        kill.WaitForExit();
        LabWait.Until(() => Count("reloaded") > before || Count("is not in force") > 0, $"'tcpao run' of {host.Name} has reloaded");
        if (Count("is not in force") > 0)
        {
            throw new LabFailureException($"'tcpao run' of {host.Name} refused its configuration: {LastLine()}");
        }
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            if (!_process.HasExited)
            {
                Kill();
            }

            _process.Dispose();
        }
    }

    private int Count(params string[] words)
    {
        lock (_gate)
        {
            return _log.Count(line => words.All(word => line.Contains(word, StringComparison.Ordinal)));
        }
    }

    private string LastLine()
    {
        lock (_gate)
        {
            return _log.LastOrDefault() ?? "it said nothing";
        }
    }
}
