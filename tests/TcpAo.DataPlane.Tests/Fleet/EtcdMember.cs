using System.Diagnostics;
using System.Net;
using Xunit;

namespace TcpAo.DataPlane.Tests.Fleet;

/// <summary>A member of an etcd cluster, as a process in a host. Its programs come from the folder that eng/fetch-etcd.sh makes.</summary>
internal sealed class EtcdMember : IDisposable
{
    private const string Variable = "TCPAO_TEST_ETCD";
    private const int ClientPort = 2379;
    private const int PeerPort = 2380;

    private readonly Host _host;
    private readonly string _name;
    private readonly string[] _arguments;
    private readonly List<string> _log = [];
    private Process? _process;

    /// <param name="host">Where it runs.</param>
    /// <param name="addresses">Addresses of all members.</param>
    /// <param name="index">Which of them this is.</param>
    /// <param name="folder">Where it keeps its data.</param>
    /// <param name="clientArguments">Its address for clients and what belongs to that; null for plain HTTP.</param>
    public EtcdMember(Host host, IReadOnlyList<IPAddress> addresses, int index, string folder, string[]? clientArguments = null)
    {
        _host = host;
        _name = $"m{index}";
        DataFolder = Path.Combine(folder, _name);
        string client = Url("http", addresses[index], ClientPort);
        string peer = Url("http", addresses[index], PeerPort);
        _arguments =
        [
            "--name", _name, "--data-dir", DataFolder, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", string.Join(',', addresses.Select((address, i) => $"m{i}={Url("http", address, PeerPort)}")),
            "--heartbeat-interval", "200", "--election-timeout", "2000", "--unsafe-no-fsync",
            .. clientArguments ?? ["--listen-client-urls", client, "--advertise-client-urls", client],
        ];
    }

    /// <summary>The folder with everything that it keeps.</summary>
    public string DataFolder { get; }

    /// <summary>What it has said.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    private static string Root => Environment.GetEnvironmentVariable(Variable) ?? "";

    /// <summary>Skips the test where there is no etcd.</summary>
    public static void SkipUnlessThere() => Assert.SkipUnless(Root.Length > 0, $"{Variable} does not name the folder that eng/fetch-etcd.sh has made");

    /// <summary>Where clients find a member.</summary>
    public static string ClientUrl(IPAddress address, string scheme = "http") => Url(scheme, address, ClientPort);

    /// <summary>The words of a program of etcd's, with the libraries that came with it.</summary>
    public static string[] Program(string name)
    {
        string loader = Directory.GetFiles(Path.Combine(Root, "usr", "lib64"), "ld-linux*").Concat(Directory.GetFiles(Path.Combine(Root, "usr", "lib"), "ld-linux*")).First();
        string libraries = Path.GetDirectoryName(Directory.GetFiles(Path.Combine(Root, "usr", "lib"), "libc.so.6", SearchOption.AllDirectories)[0])!;
        return [loader, "--library-path", libraries, Path.Combine(Root, "usr", "bin", name)];
    }

    public void Start()
    {
        string[] words = [.. Program("etcd"), .. _arguments];
        var start = new ProcessStartInfo(words[0], words[1..]) { UseShellExecute = false, RedirectStandardError = true };
        _process?.Dispose();
        _process = _host.Space.Run(() => Process.Start(start)!);
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.Add(line.Data ?? "");
            }
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
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

    private static string Url(string scheme, IPAddress address, int port) => $"{scheme}://{address}:{port}";
}
