using System.Globalization;
using System.Net.Sockets;
using System.Text;
using TcpAo.Benchmarks.DataPath;

namespace TcpAo.Benchmarks;

/// <summary>What many connections cost in memory, and what many peers cost in time. Needs root.</summary>
internal static class ScaleBenchmark
{
    private const int Rounds = 5;
    private const int Port = 179;
    private const int Warm = 1_000;
    private const int Connections = 8_000;
    private const int Peers = 1_000;
    private const int KeysOfEach = 3;

    public static void Run(TextWriter output)
    {
        Memory(output);
        Time(output);
    }

    private static void Memory(TextWriter output)
    {
        using var wire = new VethPair();
        using Protector a = Protector.Start(wire.A, "a", Peer(VethPair.AddressOfB.ToString(), isA: true));
        using Protector b = Protector.Start(wire.B, "b", Peer(VethPair.AddressOfA.ToString(), isA: false));
        List<Socket> sockets = [];
        using Socket listener = Ends.Listen(wire, Port);

        // the first connections pay for code and buffers; both ends have a descriptor here, of which 20 000 are a usual limit
        Open(Warm);
        (long own, long files) = a.Memory;
        Open(Connections);
        (long ownAfter, long filesAfter) = a.Memory;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Connections} more connections: {(ownAfter - own) / (double)Connections:F0} bytes of memory each and {(filesAfter - files) / (double)Connections:F0} in the state file, beside {(own + files) >> 20} MB with {Warm}"));
        sockets.ForEach(socket => socket.Dispose());

        void Open(int count)
        {
            byte[] one = new byte[1];
            for (int i = 0; i < count; i++)
            {
                (Socket near, Socket far) = Ends.Open(wire, listener);
                near.Send(one);
                far.Receive(one);
                far.Send(one);
                near.Receive(one);
                sockets.Add(near);
                sockets.Add(far);
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

    private static string Peer(string remote, bool isA) =>
        $"""
        key-chains:
          - name: c
            keys: [ {"{"} id: 1, send-id: {(isA ? 1 : 2)}, recv-id: {(isA ? 2 : 1)}, secret: "a secret" {"}"} ]
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
