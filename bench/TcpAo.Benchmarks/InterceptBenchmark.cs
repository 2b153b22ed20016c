using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Seccomp;

namespace TcpAo.Benchmarks;

/// <summary>
/// What supervision costs a program: this program again, bare and supervised, times its calls. A stopped call goes through the kernel to the supervisor's loop, which
/// copies the socket's descriptor and the option's bytes, and back; the calls that pass pay for the filter alone.
/// </summary>
internal static class InterceptBenchmark
{
    /// <summary>The verb of the program that is timed.</summary>
    public const string ProgramVerb = "intercept-program";

    private const int Rounds = 7;
    private const int Stopped = 20_000;
    private const int Callers = 4;
    private const int Passes = 200;
    private const int CallsOfAPass = 5_000;
    private const int StoppedNames = 3;
    private const int Tcp = 6;
    private const int AddKey = 38;
    private const int Info = 40;
    private const int NoDelay = 1;
    private const int KeepAlive = 9;

    private static readonly string[] s_names =
        ["setsockopt TCP_AO_ADD_KEY", "getsockopt TCP_AO_INFO", "connect", "the first, 4 threads at once", "setsockopt TCP_NODELAY", "getsockopt TCP_NODELAY", "getsockopt SO_KEEPALIVE", "getppid"];

    /// <summary>Runs bare and supervised programs in turn.</summary>
    public static void Run(TextWriter output)
    {
        List<double[]> bare = [];
        List<double[]> supervised = [];
        for (int round = 0; round < Rounds; round++)
        {
            bare.Add(Child(isSupervised: false));
            supervised.Add(Child(isSupervised: true));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"nanoseconds a call, medians of {Rounds} processes of each kind in turn; bare, the first two fail with ENOPROTOOPT"));
        output.WriteLine($"  {"",-30} {"bare",9} {"supervised",11} {"added",9} {"lowest",9}");
        for (int i = 0; i < s_names.Length; i++)
        {
            double without = Median(bare, i);
            double with = Median(supervised, i);
            double lowest = supervised.Min(times => times[i]) - bare.Min(times => times[i]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {s_names[i],-30} {without,9:F1} {with,11:F1} {with - without,9:F1} {lowest,9:F1}"));
        }
    }

    /// <summary>The program that is timed. It writes one number for each name: the median call, or that of the median pass.</summary>
    public static void Time(string path)
    {
        using SafeDescriptor socket = Libc.Socket(Libc.AF_INET, 1, 0, "No socket.");
        using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var peer = new IPEndPoint(IPAddress.Loopback, 9);
        Func<int>[] calls =
        [
            () => Libc.SetOption(socket, Tcp, AddKey, 1),
            () => Libc.GetOption(socket, Tcp, Info),
            () =>
            {
                udp.Connect(peer);
                return 0;
            },
            () => Libc.SetOption(socket, Tcp, NoDelay, 1),
            () => Libc.GetOption(socket, Tcp, NoDelay),
            () => Libc.GetOption(socket, Libc.SOL_SOCKET, KeepAlive),
            Libc.ParentId,
        ];
        List<double> times = [.. calls.Select((call, at) => at < StoppedNames ? TimeCalls(call, Stopped, 1) : TimeCalls(call, Passes, CallsOfAPass))];
        times.Insert(StoppedNames, TimeThreads(calls[0]));
        File.WriteAllLines(path, times.Select(time => time.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>How many calls several threads get through together, as the time for one of them.</summary>
    private static double TimeThreads(Func<int> call)
    {
        Thread[] threads = [.. Enumerable.Range(0, Callers).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Stopped; i++)
            {
                call();
            }
        }))];
        long start = Stopwatch.GetTimestamp();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / (Callers * Stopped);
    }

    /// <summary>The median pass, in nanoseconds a call.</summary>
    public static double TimeCalls(Func<int> call, int passes, int callsOfAPass)
    {
        var times = new double[passes];
        int used = 0;
        for (int i = -passes / 10; i < passes; i++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int n = 0; n < callsOfAPass; n++)
            {
                used += call();
            }

            double time = Stopwatch.GetElapsedTime(start).TotalNanoseconds / callsOfAPass;
            if (i >= 0)
            {
                times[i] = time;
            }
        }

        GC.KeepAlive(used);
        Array.Sort(times);
        return times[passes / 2];
    }

    private static double[] Child(bool isSupervised)
    {
        string path = Path.GetTempFileName();
        try
        {
            string[] command = Path.GetFileNameWithoutExtension(Environment.ProcessPath!) is "dotnet"
                ? [Environment.ProcessPath!, typeof(InterceptBenchmark).Assembly.Location, ProgramVerb, path]
                : [Environment.ProcessPath!, ProgramVerb, path];
            if (isSupervised)
            {
                using var program = SupervisedProgram.Start(new ProgramStart { Program = command[0], Arguments = command[1..] }, new Yes());
                program.Exit.Wait();
                program.Ended.Wait();
            }
            else
            {
                using var program = Process.Start(command[0], command[1..]);
                program.WaitForExit();
            }

            return [.. File.ReadLines(path).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Median(List<double[]> runs, int at)
    {
        double[] sorted = [.. runs.Select(times => times[at]).Order()];
        return sorted[sorted.Length / 2];
    }

    /// <summary>Looks at each call as a model would, and takes it.</summary>
    private sealed class Yes : ISocketCallHandler
    {
        private readonly byte[] _value = new byte[4];

        public SocketAnswer Handle(SocketCall request)
        {
            switch (request.Kind)
            {
                case SocketCallKind.SetOption:
                    return request.Socket.Cookie != 0 && request.ReadValue(0, _value) == 0 ? SocketAnswer.Success : SocketAnswer.Fail(Errno.EFAULT);
                case SocketCallKind.GetOption:
                    return request.Socket.Cookie != 0 && request.WriteValue(0, _value) == 0 && request.WriteLength(4) == 0 ? SocketAnswer.Success : SocketAnswer.Fail(Errno.EFAULT);
                default:
                    _ = request.TryOpenSocket();
                    return SocketAnswer.Continue;
            }
        }

        public void Answered(SocketCall request, SocketAnswer answer, bool isDelivered)
        {
        }
    }
}
