using System.Diagnostics;
using Xunit;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary><c>tcpao run</c> in a host, as a process of its own, with its configuration, its state and what it says.</summary>
internal sealed partial class TcpaoProcess(Host host, string folder, string name) : IDisposable
{
    private const string Queue = "59";

    private readonly object _gate = new();
    private readonly List<string> _log = [];
    private Process? _process;

    public string ConfigurationPath { get; } = Path.Combine(folder, $"{name}.yaml");

    public string StatePath { get; } = Path.Combine(folder, "state", $"{name}.state");

    /// <summary>What it has said since it was started last.</summary>
    public string Log
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _log);
            }
        }
    }

    /// <summary>Writes the configuration, for the owner alone: it has secrets.</summary>
    public void Write(string configuration)
    {
        File.WriteAllText(ConfigurationPath, configuration);
        File.SetUnixFileMode(ConfigurationPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Starts protection; returns when it protects.</summary>
    public void StartAndWait()
    {
        Start();
        WaitFor("protecting");
    }

    public void Start() => Start([], "-c", ConfigurationPath, "--state", StatePath, "--queue", Queue);

    /// <summary>Starts without a capability, such as <c>net_raw</c>.</summary>
    public void StartWithout(string capability) =>
        Start(["setpriv", "--bounding-set", $"-{capability}", "--inh-caps", $"-{capability}"], "-c", ConfigurationPath, "--state", StatePath, "--queue", Queue);

    /// <summary>Starts where the kernel's boot id reads as another one: a mount namespace of its own with a file in that place.</summary>
    public void StartInAnotherBoot()
    {
        string boot = Path.Combine(folder, "boot_id");
        File.WriteAllText(boot, $"{Guid.NewGuid()}\n");
        string[] before = ["unshare", "--mount", "sh", "-c", $"mount --bind {boot} /proc/sys/kernel/random/boot_id && exec \"$@\"", "sh"];
        Start(before, "-c", ConfigurationPath, "--state", StatePath, "--queue", Queue);
    }

    /// <summary>Runs to its end.</summary>
    /// <param name="before">A program and its arguments that starts it, such as setpriv.</param>
    /// <param name="arguments">What stands behind <c>run</c>.</param>
    public int RunToEnd(string[] before, params string[] arguments)
    {
        Start(before, arguments);
        return WaitForExit();
    }

    /// <summary><c>run --release</c>, by a process besides the one that may be running.</summary>
    public (int ExitCode, string Log) Release()
    {
        using var other = new TcpaoProcess(host, folder, name);
        return (other.RunToEnd([], "--release", "--state", StatePath), other.Log);
    }

    /// <summary>Waits for a line, and gives it.</summary>
    public string WaitFor(string text, int times = 1)
    {
        var watch = Stopwatch.StartNew();
        lock (_gate)
        {
            while (true)
            {
                string[] found = [.. _log.Where(line => line.Contains(text, StringComparison.Ordinal))];
                if (found.Length >= times)
                {
                    return found[^1];
                }

                int left = Wait.Milliseconds - (int)watch.ElapsedMilliseconds;
                if (left <= 0 || _process!.HasExited || !Monitor.Wait(_gate, left))
                {
                    Assert.Fail($"tcpao {name} {(_process!.HasExited ? $"ended with {_process.ExitCode} and" : string.Empty)} never said '{text}', but:\n{string.Join('\n', _log)}");
                }
            }
        }
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGHUP with another configuration, or with the file as it is; returns when the program has answered.</summary>
    public void Reload(string? configuration, string answer = "reloaded")
    {
        int before = Count(answer);
        if (configuration is not null)
        {
            Write(configuration);
        }

        Signal("HUP");
        WaitFor(answer, before + 1);
    }

    /// <summary>SIGTERM; gives the exit code.</summary>
    public int Terminate()
    {
        Signal("TERM");
        return WaitForExit();
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

    private int Count(string text)
    {
        lock (_gate)
        {
            return _log.Count(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    private int WaitForExit()
    {
        Assert.True(_process!.WaitForExit(Wait.Milliseconds), $"tcpao {name} did not end; it said:\n{Log}");

        // and until its last line was read
        _process.WaitForExit();
        return _process.ExitCode;
    }

    private void Signal(string signal)
    {
        // the shell's own kill
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process!.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    private void Start(string[] before, params string[] arguments)
    {
        string[] words = [.. before, "dotnet", Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), "run", .. arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach ((string variable, string value) in Environment)
        {
            start.Environment[variable] = value;
        }

        _process?.Dispose();
        lock (_gate)
        {
            _log.Clear();
        }

        // a child is in the namespace of the thread that starts it
        _process = host.Space.Run(() => Process.Start(start)!);
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_gate)
            {
                if (line.Data is not null)
                {
                    _log.Add(line.Data);
                }

                Monitor.PulseAll(_gate);
            }
        };
        _process.BeginErrorReadLine();
    }
}
