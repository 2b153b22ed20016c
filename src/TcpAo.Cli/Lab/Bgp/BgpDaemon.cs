using System.Diagnostics;

namespace TcpAo.Cli.Lab.Bgp;

/// <summary>A BGP daemon that runs in a host; it knows nothing of TCP-AO.</summary>
internal abstract class BgpDaemon(DaemonFiles files, BgpEnd end) : IDisposable
{
    private readonly List<string> _log = [];
    private Process? _process;

    protected BgpEnd End { get; } = end;

    protected DaemonFiles Files { get; } = files;

    /// <summary>Writes its configuration and starts it.</summary>
    public void Start()
    {
        Directory.CreateDirectory(End.Folder);
        File.WriteAllText(ConfigurationPath, Configuration());
        _process = End.Host.Start(StartInfo());
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Whether its session is established.</summary>
    public bool IsUp()
    {
        if (_process!.HasExited)
        {
            lock (_log)
            {
                throw new LabFailureException($"{GetType().Name} of {End.Host.Name} ended with {_process.ExitCode}: {_log.LastOrDefault()}");
            }
        }

        return ReadIsUp();
    }

    /// <summary>Whether it has the route of the other end.</summary>
    public abstract bool HasRoute(string prefix);

    public void Dispose()
    {
        if (_process is not null)
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                _process.WaitForExit();
            }

            _process.Dispose();
        }
    }

    protected string ConfigurationPath => Path.Combine(End.Folder, "daemon.conf");

    protected abstract string Configuration();

    protected abstract ProcessStartInfo StartInfo();

    protected abstract bool ReadIsUp();

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            if (line.Data is { Length: > 0 } text)
            {
                _log.Add(text);
            }
        }
    }
}
