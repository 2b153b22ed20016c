using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using TcpAo.Linux.Interop;
using TcpAo.Uapi;

namespace TcpAo.Benchmarks;

/// <summary>What <c>tcpao exec</c> costs a program: this program again times its calls bare, under <c>exec</c> and under <c>exec --proc</c>, with the model of a socket behind them.</summary>
internal static class ExecBenchmark
{
    /// <summary>The verb of the program that is timed.</summary>
    public const string ProgramVerb = "exec-program";

    private const int Rounds = 5;
    private const int Stopped = 10_000;
    private const int Passes = 100;
    private const int CallsOfAPass = 5_000;
    private const int Tcp = (int)SocketOptionLevel.Tcp;
    private const int NoDelay = 1;
    private const int KeepAlive = 9;
    private const byte FirstId = 1;
    private const byte OtherId = 2;

    private static readonly string[] s_names =
    [
        "TCP_AO_ADD_KEY, TCP_AO_DEL_KEY", "getsockopt TCP_AO_INFO", "getsockopt SO_ERROR", "open and close", "setsockopt TCP_NODELAY", "getsockopt TCP_NODELAY", "getsockopt SO_KEEPALIVE", "getppid",
    ];

    /// <summary>Runs the three kinds in turn; needs CAP_NET_ADMIN.</summary>
    public static void Run(TextWriter output)
    {
        string[][] kinds = [[], ["exec"], ["exec", "--proc"]];
        List<double[]>[] times = [[], [], []];
        for (int round = 0; round < Rounds; round++)
        {
            for (int kind = 0; kind < kinds.Length; kind++)
            {
                times[kind].Add(Child(kinds[kind]));
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nanoseconds a call, medians (and lowest) of {Rounds} processes of each kind in turn; bare, the first two have no kernel behind them"));
        output.WriteLine($"  {"",-30} {"bare",18} {"exec",18} {"exec --proc",18}");
        for (int i = 0; i < s_names.Length; i++)
        {
            output.WriteLine($"  {s_names[i],-30} {string.Join(' ', times.Select(runs => Show(runs, i)))}");
        }
    }

    /// <summary>The program that is timed. It writes one number for each name: the median call, or that of the median pass.</summary>
    public static void Time(string path)
    {
        using SafeDescriptor socket = Libc.Socket(Libc.AF_INET, 1, 0, "No socket.");
        using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        byte[] first = Key(FirstId);
        byte[] other = Key(OtherId);
        byte[] gone = Gone(OtherId);
        byte[] info = new byte[UapiLayout.TcpAoInfoOpt.Size];
        bool isThere = Try(() => tcp.SetRawSocketOption(Tcp, (int)TcpSocketOption.AoAddKey, first));
        double[] times =
        [
            isThere ? InterceptBenchmark.TimeCalls(() => Change(), Stopped, 1) / 2 : double.NaN,
            isThere ? InterceptBenchmark.TimeCalls(() => tcp.GetRawSocketOption(Tcp, (int)TcpSocketOption.AoInfo, info), Stopped, 1) : double.NaN,
            InterceptBenchmark.TimeCalls(() => Libc.GetOption(socket, Libc.SOL_SOCKET, Libc.SO_ERROR), Stopped, 1),
            InterceptBenchmark.TimeCalls(OpenAndClose, Stopped, 1),
            InterceptBenchmark.TimeCalls(() => Libc.SetOption(socket, Tcp, NoDelay, 1), Passes, CallsOfAPass),
            InterceptBenchmark.TimeCalls(() => Libc.GetOption(socket, Tcp, NoDelay), Passes, CallsOfAPass),
            InterceptBenchmark.TimeCalls(() => Libc.GetOption(socket, Libc.SOL_SOCKET, KeepAlive), Passes, CallsOfAPass),
            InterceptBenchmark.TimeCalls(Libc.ParentId, Passes, CallsOfAPass),
        ];
        File.WriteAllLines(path, times.Select(time => time.ToString(CultureInfo.InvariantCulture)));

        int Change()
        {
            tcp.SetRawSocketOption(Tcp, (int)TcpSocketOption.AoAddKey, other);
            tcp.SetRawSocketOption(Tcp, (int)TcpSocketOption.AoDelKey, gone);
            return 0;
        }
    }

    private static int OpenAndClose()
    {
        using FileStream file = new("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        return 0;
    }

    private static bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>A key for every peer.</summary>
    private static byte[] Key(byte id)
    {
        byte[] bytes = new byte[UapiLayout.TcpAoAdd.Size];
        bytes[0] = Libc.AF_INET;
        "hmac(sha1)"u8.CopyTo(bytes.AsSpan(UapiLayout.TcpAoAdd.AlgName));
        (bytes[UapiLayout.TcpAoAdd.Sndid], bytes[UapiLayout.TcpAoAdd.Rcvid], bytes[UapiLayout.TcpAoAdd.Keylen]) = (id, id, 16);
        return bytes;
    }

    private static byte[] Gone(byte id)
    {
        byte[] bytes = new byte[UapiLayout.TcpAoDel.Size];
        bytes[0] = Libc.AF_INET;
        (bytes[UapiLayout.TcpAoDel.Sndid], bytes[UapiLayout.TcpAoDel.Rcvid]) = (id, id);
        return bytes;
    }

    private static double[] Child(string[] exec)
    {
        string path = Path.GetTempFileName();
        try
        {
            string folder = AppContext.BaseDirectory;
            string[] program = ["dotnet", Path.Combine(folder, $"{typeof(ExecBenchmark).Assembly.GetName().Name}.dll"), ProgramVerb, path];
            string[] words = exec.Length == 0 ? program : ["dotnet", Path.Combine(folder, "TcpAo.Cli.dll"), .. exec, "--", .. program];
            using var process = Process.Start(words[0], words[1..]);
            process.WaitForExit();
            return process.ExitCode == 0
                ? [.. File.ReadLines(path).Select(line => double.Parse(line, CultureInfo.InvariantCulture))]
                : throw new InvalidOperationException($"{string.Join(' ', words)} ended with {process.ExitCode}");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Show(List<double[]> runs, int at)
    {
        double[] sorted = [.. runs.Select(times => times[at]).Order()];
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 2],9:F0} {$"({sorted[0]:F0})",8}");
    }
}
