using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TcpAo.Cli.Bench;
using TcpAo.Cli.Bench.DataPath;
using TcpAo.Crypto;

namespace TcpAo.Benchmarks;

/// <summary>What many connections cost in memory, and what many peers cost in time. Needs root.</summary>
internal static class ScaleBenchmark
{
    private const int Rounds = 5;
    private const int Port = 179;
    private const int Warm = 1_000;
    private const int Connections = 10_000;
    private const int Peers = 1_000;
    private const int KeysOfEach = 3;

    /// <summary>The verb under which this program is the other end, in a process of its own: a process has too few descriptors for both.</summary>
    public const string FarEndVerb = "far-end";

    public static void Run(TextWriter output)
    {
        foreach (MacAlgorithm algorithm in MacAlgorithms.All.Where(algorithm => !algorithm.IsTcpMd5))
        {
            Memory(output, algorithm);
        }

        Time(output);
    }

    /// <summary>Takes connections and answers one byte on each, until the standard input ends.</summary>
    public static void HoldFarEnd()
    {
        List<Socket> sockets = [];
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(VethPair.AddressOfB, Port));
        listener.Listen(1024);
        _ = Task.Run(() =>
        {
            _ = Console.In.Read();
            Environment.Exit(0);
        });
        Console.Out.WriteLine(FarEndVerb);
        byte[] one = new byte[1];
        while (true)
        {
            Socket socket = listener.Accept();
            socket.Receive(one);
            socket.Send(one);
            sockets.Add(socket);
        }
    }

    private static void Memory(TextWriter output, MacAlgorithm algorithm)
    {
        using var wire = new VethPair();
        using Protector a = Protector.Start(wire.A, "a", Peer(VethPair.AddressOfB.ToString(), algorithm, isA: true));
        using Protector b = Protector.Start(wire.B, "b", Peer(VethPair.AddressOfA.ToString(), algorithm, isA: false));
        using Process farEnd = wire.B.Run(() => Process.Start(new ProcessStartInfo("dotnet", [typeof(ScaleBenchmark).Assembly.Location, FarEndVerb])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
        farEnd.StandardOutput.ReadLine();
        List<Socket> sockets = [];
        var remote = new IPEndPoint(VethPair.AddressOfB, Port);

        // the first connections pay for code and buffers
        Open(Warm);
        (long own, long files) = a.Memory;
        Open(Connections);
        (long ownAfter, long filesAfter) = a.Memory;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Connections} more connections, {algorithm.Name}: {(ownAfter - own) / (double)Connections:F0} bytes of memory each and {(filesAfter - files) / (double)Connections:F0} in the state file, beside {(own + files) >> 20} MB with {Warm}"));
        sockets.ForEach(socket => socket.Dispose());
        farEnd.StandardInput.Close();
        farEnd.WaitForExit();

        void Open(int count)
        {
            byte[] one = new byte[1];
            for (int i = 0; i < count; i++)
            {
                Socket near = wire.A.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
                near.Connect(remote);
                near.Send(one);
                near.Receive(one);
                sockets.Add(near);
            }
        }
    }

    private static void Time(TextWriter output)
    {
        using var wire = new VethPair();
        double[][] seconds = [.. Enumerable.Range(0, 4).Select(_ => new double[Rounds])];
        for (int round = 0; round < Rounds; round++)
        {
            using (var alone = new VethPair())
            using (Protector one = Protector.Start(alone.A, "one", Many(1, "first")))
            {
                seconds[0][round] = one.StartTime.TotalMilliseconds;
            }

            using var host = new VethPair();
            using Protector many = Protector.Start(host.A, "many", Many(Peers, "first"));
            seconds[1][round] = many.StartTime.TotalMilliseconds;
            seconds[2][round] = many.Reload(Many(Peers, "first")).TotalMilliseconds;
            seconds[3][round] = many.Reload(Many(Peers, "second")).TotalMilliseconds;
        }

        string[] names = ["1 peer: start", $"{Peers} peers with {KeysOfEach} keys each: start", "reload, nothing changed", "reload, one key changed"];
        output.WriteLine($"  {"milliseconds",-38} {"min",7} {"median",7}");
        for (int i = 0; i < names.Length; i++)
        {
            Array.Sort(seconds[i]);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {names[i],-38} {seconds[i][0],7:F0} {seconds[i][Rounds / 2],7:F0}"));
        }
    }

    private static string Peer(string remote, MacAlgorithm algorithm, bool isA) =>
        $"""
        key-chains:
          - name: c
            keys: [ {"{"} id: 1, send-id: {(isA ? 1 : 2)}, recv-id: {(isA ? 2 : 1)}, algorithm: {algorithm.Name}, secret: "a secret of no less than 32 bytes, for kmac" {"}"} ]
        peers:
          - {"{"} name: p, remote: {remote}, {(isA ? "remote" : "local")}-port: {Port}, key-chain: c {"}"}

        """;

    private static string Many(int peers, string lastSecret)
    {
        var chains = new StringBuilder("key-chains:\n");
        var text = new StringBuilder("peers:\n");
        for (int peer = 0; peer < peers; peer++)
        {
            chains.Append($"  - name: c{peer}\n    keys:\n");
            for (int key = 1; key <= KeysOfEach; key++)
            {
                string secret = peer == peers - 1 && key == KeysOfEach ? lastSecret : "secret";
                chains.Append($"      - {{ id: {key}, send-id: {key}, recv-id: {key}, secret: \"{secret} {peer} {key}\" }}\n");
            }

            text.Append($"  - {{ name: p{peer}, remote: 10.{peer >> 8}.{peer & 255}.1, port: {Port}, key-chain: c{peer} }}\n");
        }

        return $"{chains}{text}";
    }
}
