using System.Diagnostics;
using System.Globalization;
using TcpAo.Cli.Lab;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Cli.Bench.DataPath;

/// <summary><c>tcpao run</c> in a namespace, as a process of its own.</summary>
internal sealed class Protector : IDisposable
{
    private readonly Process _process;
    private readonly SemaphoreSlim _told = new(0);
    private readonly string _folder;
    private readonly string _configuration;
    private volatile string _awaited = "protecting";

    private Protector(NetworkNamespace space, string name, string configuration)
    {
        _folder = Directory.CreateTempSubdirectory("tcpao-bench-").FullName;
        _configuration = Path.Combine(_folder, $"{name}.yaml");
        Write(configuration);
        ProcessStartInfo start = LabProgram.Self("run", "-c", _configuration, "--state", Path.Combine(_folder, "state"));
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;

        // compiled as users have it
        start.Environment.Remove("DOTNET_TieredPGO");
        long began = Stopwatch.GetTimestamp();
        _process = space.Run(() => Process.Start(start)!);
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.Contains(_awaited, StringComparison.Ordinal) == true)
            {
                _told.Release();
            }
        };
        _process.BeginErrorReadLine();
        Await();
        StartTime = Stopwatch.GetElapsedTime(began);
    }

    /// <summary>From the start of the process until it protects.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Memory of the process in bytes that is its own, and that is pages of files, the state file's among them.</summary>
    public (long Own, long Files) Memory => (Status("RssAnon:"), Status("RssFile:"));

    public static Protector Start(NetworkNamespace space, string name, string configuration) => new(space, name, configuration);

    /// <summary>SIGHUP with another configuration.</summary>
    /// <returns>The time until it is in force.</returns>
    public TimeSpan Reload(string configuration)
    {
        Write(configuration);
        _awaited = "reloaded";
        long began = Stopwatch.GetTimestamp();
        using (Process kill = Process.Start("/bin/sh", ["-c", $"kill -HUP {_process.Id}"]))
        {
            kill.WaitForExit();
        }

        Await();
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
        _told.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private long Status(string name)
    {
        string line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) * 1024;
    }

    private void Write(string configuration)
    {
        File.WriteAllText(_configuration, configuration);
        File.SetUnixFileMode(_configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private void Await()
    {
        const int Milliseconds = 60_000;
        if (!_told.Wait(Milliseconds))
        {
            throw new InvalidOperationException($"tcpao run never said '{_awaited}'");
        }
    }
}
