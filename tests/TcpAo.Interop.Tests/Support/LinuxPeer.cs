using System.Net;
using System.Net.Sockets;
using TcpAo.Capture;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>Linux's own TCP-AO at one end of a wire, and <c>tcpao run</c> with every case at the other; started once for all tests.</summary>
public sealed class LinuxPeer : IDisposable
{
    private const string Variable = "TCPAO_TEST_PEER";

    private readonly string _missing;
    private readonly string _name = $"tcpao-interop-{Environment.ProcessId}";
    private readonly Guest? _guest;
    private readonly Programs? _programs;
    private readonly NetworkNamespace? _space;
    private readonly WireCapture? _wire;
    private readonly string _configuration = "";
    private AoCounters? _before;
    private int _wireFrom;

    public LinuxPeer()
    {
        string peer = Environment.GetEnvironmentVariable(Variable) ?? "";
        _missing = peer.Length == 0 ? $"{Variable} does not name the folder of a Linux kernel with TCP-AO (run-uml.sh)"
            : !Environment.IsPrivilegedProcess ? "a network namespace and NFQUEUE need root"
            : "";
        if (_missing.Length > 0)
        {
            return;
        }

        string folder = Directory.CreateTempSubdirectory("tcpao-interop-").FullName;
        _programs = new Programs();
        try
        {
            _programs.AtEnd($"rm -rf {folder}");
            _programs.AtEnd($"ip netns del {_name}");
            _guest = new Guest(_programs, peer, folder, _name);
            _space = NetworkNamespace.Named(_name);
            _configuration = Path.Combine(folder, "tcpao.yaml");
            using (FileStream file = new(_configuration, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            using (StreamWriter writer = new(file))
            {
                writer.Write(KeyCases.Configuration());
            }

            string program = Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll");
            _programs.Start(
                Log,
                "ip",
                ["netns", "exec", _name, "dotnet", program, "run", "-c", _configuration, "--state", Path.Combine(folder, "state"), "--queue", "5926"]);
            Log.WaitFor("protecting");
            _wire = new WireCapture(_space);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What <c>tcpao run</c> tells.</summary>
    internal Lines Log { get; } = new("tcpao run");

    internal Guest Guest => _guest!;

    private NetworkNamespace Space => _space!;

    /// <summary>To be called first by each test: nothing of an earlier one, however it ended, counts for it.</summary>
    internal void Begin()
    {
        Assert.SkipUnless(_missing.Length == 0, _missing);
        _before = Guest.ReadCounters();
        _wireFrom = _wire!.Count;
    }

    /// <summary>What the verifier says of the segments of a case since <see cref="Begin"/>.</summary>
    internal IReadOnlyList<SegmentReport> Wire(KeyCase one) => _wire!.Verify(_configuration, one.Port, _wireFrom);

    /// <summary>Every segment of a case since <see cref="Begin"/> is signed and right.</summary>
    internal void AssertWireValid(KeyCase one) => _wire!.AssertValid(_configuration, one.Port, _wireFrom);

    /// <summary>What the peer has counted since the last time.</summary>
    internal AoCounters Counted()
    {
        AoCounters now = Guest.ReadCounters();
        AoCounters counted = now.Since(_before!);
        _before = now;
        return counted;
    }

    /// <summary>What the peer has counted since the last <see cref="Counted"/>, as soon as it holds.</summary>
    internal AoCounters CountedOnce(Predicate<AoCounters> condition)
    {
        long end = Environment.TickCount64 + Lines.Milliseconds;
        while (true)
        {
            AoCounters now = Guest.ReadCounters();
            AoCounters counted = now.Since(_before!);
            if (condition(counted))
            {
                _before = now;
                return counted;
            }

            Assert.True(Environment.TickCount64 < end, $"the peer counted {counted}");
        }
    }

    /// <summary>
    /// Runs a connection that both ends verify wholly. The wire is the proof: each segment on it must be signed and right. This peer now and then
    /// counts one such segment as bad (docs/deviations.md); only then the connection is made once more, and must pass without that.
    /// </summary>
    internal AoReport Verified(KeyCase one, long bytes, Func<AoReport> connect)
    {
        for (bool isSecond = false; ; isSecond = true)
        {
            AoReport report = connect();
            AssertWireValid(one);
            AoCounters counted = Counted();
            Assert.True(report is { Ao: true, Good: > 0, KeyNotFound: 0, Required: 0 } && report.Bytes == bytes, report.ToString());
            Assert.True(counted is { Good: > 0, KeyNotFound: 0, Required: 0 }, counted.ToString());
            if ((report.Bad, counted.Bad) == (0, 0))
            {
                return report;
            }

            Assert.True(!isSecond && report.Bad <= 1 && counted.Bad <= 1, $"the peer refused segments: {report} {counted}");
            Console.Error.WriteLine($"{one.Name}: the peer counted one segment as bad while all on the wire are right; once more");
        }
    }

    /// <param name="one">The case.</param>
    /// <param name="prepare">Sets what is to be set before the socket connects.</param>
    internal Socket Connect(KeyCase one, Action<Socket>? prepare = null)
    {
        Socket socket = Tcp(one);
        prepare?.Invoke(socket);
        Task connect = socket.ConnectAsync(new IPEndPoint(one.GuestAddress, one.Port));
        Wait(connect);
        return socket;
    }

    /// <summary>A socket whose SYN is on its way.</summary>
    internal Socket BeginConnect(KeyCase one, out Task connect)
    {
        Socket socket = Tcp(one);
        connect = socket.ConnectAsync(new IPEndPoint(one.GuestAddress, one.Port));
        return socket;
    }

    internal Socket Listen(KeyCase one)
    {
        Socket socket = Tcp(one);
        socket.Bind(new IPEndPoint(one.HostAddress, one.Port));
        socket.Listen();
        return socket;
    }

    internal static Socket Accept(Socket listener)
    {
        Task<Socket> accept = listener.AcceptAsync();
        Wait(accept);
        accept.Result.ReceiveTimeout = Lines.Milliseconds;
        accept.Result.SendTimeout = Lines.Milliseconds;
        return accept.Result;
    }

    public void Dispose()
    {
        _wire?.Dispose();
        _space?.Dispose();
        _programs?.Dispose();
    }

    private static void Wait(Task task) => Assert.True(task.Wait(Lines.Milliseconds, TestContext.Current.CancellationToken), "no connection came");

    private Socket Tcp(KeyCase one) => Space.Run(() => new Socket(one.HostAddress.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
    {
        ReceiveTimeout = Lines.Milliseconds,
        SendTimeout = Lines.Milliseconds,
    });
}
