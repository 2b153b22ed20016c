using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace TcpAo.DataPlane.Tests.Fleet;

/// <summary>A member of an etcd cluster, as a process. Its programs come from the folder that eng/fetch-etcd.sh makes.</summary>
internal sealed class EtcdMember : IDisposable
{
    private const string Variable = "TCPAO_TEST_ETCD";
    private const int UsualClientPort = 2379;
    private const int UsualPeerPort = 2380;

    private readonly Host? _host;
    private readonly string _clientUrl;
    private readonly string[] _arguments;
    private readonly List<string> _log = [];
    private Process? _process;

    private EtcdMember(Host? host, string folder, string name, string clientUrl, string peerUrl, string cluster, string[] tls)
    {
        _host = host;
        _clientUrl = clientUrl;
        DataFolder = Path.Combine(folder, name);
        _arguments =
        [
            "--name", name, "--data-dir", DataFolder, "--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl, "--initial-cluster", cluster,
            "--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl, "--heartbeat-interval", "200", "--election-timeout", "2000", "--unsafe-no-fsync", .. tls,
        ];
    }

    /// <summary>The folder with everything that it keeps.</summary>
    public string DataFolder { get; }

    /// <summary>The port that clients come to.</summary>
    public int ClientPort => new Uri(_clientUrl).Port;

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

    /// <summary>A member of a cluster in a host of the test's own.</summary>
    /// <param name="host">Where it runs.</param>
    /// <param name="addresses">Addresses of all members.</param>
    /// <param name="index">Which of them this is.</param>
    /// <param name="folder">Where it keeps its data.</param>
    public static EtcdMember In(Host host, IReadOnlyList<IPAddress> addresses, int index, string folder) => new(
        host, folder, $"m{index}", ClientUrl(addresses[index]), PeerUrl(addresses[index]), string.Join(',', addresses.Select((address, i) => $"m{i}={PeerUrl(address)}")), []);

    /// <summary>A cluster of one on the loopback of this host.</summary>
    public static EtcdMember OnThisHost(string folder, string[] tls)
    {
        string peer = $"http://127.0.0.1:{FreePort()}";
        return new EtcdMember(null, folder, "m0", $"http{(tls.Length > 0 ? "s" : "")}://127.0.0.1:{FreePort()}", peer, $"m0={peer}", tls);
    }

    /// <summary>Where clients find a member.</summary>
    public static string ClientUrl(IPAddress address) => $"http://{address}:{UsualClientPort}";

    public void Start()
    {
        _process?.Dispose();
        _process = Run("etcd", _arguments);
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.Add(line.Data ?? "");
            }
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>Runs etcdctl; gives its exit code.</summary>
    public int Control(params string[] arguments) => Control(out _, arguments);

    /// <summary>Runs etcdctl; gives its exit code and what it says.</summary>
    public int Control(out string output, params string[] arguments)
    {
        using Process process = Run("etcdctl", ["--endpoints", _clientUrl, .. arguments]);
        Task<string> error = process.StandardError.ReadToEndAsync();
        output = Wait.ForResult(process.StandardOutput.ReadToEndAsync());
        Wait.For(error);
        process.WaitForExit();
        return process.ExitCode;
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

    private static string PeerUrl(IPAddress address) => $"http://{address}:{UsualPeerPort}";

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Starts a program of etcd's, with the libraries that came with it.</summary>
    private Process Run(string name, string[] arguments)
    {
        string loader = Directory.GetFiles(Path.Combine(Root, "usr", "lib64"), "ld-linux*").Concat(Directory.GetFiles(Path.Combine(Root, "usr", "lib"), "ld-linux*")).First();
        string libraries = Path.GetDirectoryName(Directory.GetFiles(Path.Combine(Root, "usr", "lib"), "libc.so.6", SearchOption.AllDirectories)[0])!;
        var start = new ProcessStartInfo(loader, ["--library-path", libraries, Path.Combine(Root, "usr", "bin", name), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        return _host is null ? Process.Start(start)! : _host.Space.Run(() => Process.Start(start)!);
    }
}
