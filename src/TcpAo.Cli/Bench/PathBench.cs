using System.Text;
using TcpAo.Cli.Bench.DataPath;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.Linux.Namespaces;

#pragma warning disable CA2000 // a stack owns what is made, and disposes of it
namespace TcpAo.Cli.Bench;

/// <summary>
/// What <c>tcpao run</c> at both ends makes of a TCP connection: throughput and round-trip time beside plain TCP without segmentation offload, both ends, both
/// programs and the kernel on the cores of this machine. The cases take turns, round by round.
/// </summary>
/// <param name="mebibytes">Bytes of each transfer, in MiB; plain TCP sends four times that.</param>
/// <param name="algorithms">Whose MACs.</param>
/// <param name="paths">Which data paths.</param>
internal sealed class PathBench(int mebibytes, IReadOnlyList<MacAlgorithm> algorithms, IReadOnlyList<string> paths)
{
    private const string Queue = "nfqueue";
    private const string Tun = "tun";
    private const string Plain = "plain";
    private const int Rounds = 5;
    private const int FirstPort = 7000;
    private const int RoundTrips = 5_000;

    // a segment of a round trip passes our path at each end, and there are two
    private const int Passes = 4;

    /// <summary>The data paths that there are.</summary>
    public static IReadOnlyList<string> Paths { get; } = [Queue, Tun];

    /// <summary>Measures, and gives each figure when all are known.</summary>
    public void Run(BenchOutput output)
    {
        var owned = new Stack<IDisposable>();
        try
        {
            List<Case> cases = [new Case("tcp, tso off", Plain, Own(owned, new VethPair()), FirstPort), .. paths.SelectMany(path => Protect(owned, path))];
            double[][] rates = TakeTurns(cases, one => Ends.Throughput(one.Wire, one.Port, ((long)mebibytes << 20) * (IsPlain(one) ? 4 : 1)));
            for (int i = 0; i < cases.Count; i++)
            {
                output.Row(
                    "path",
                    ("measure", "throughput"),
                    ("mac", cases[i].Name),
                    ("data-path", cases[i].Path),
                    ("mebibytes", mebibytes * (IsPlain(cases[i]) ? 4 : 1)),
                    ("mbit-per-second-max", rates[i].Max()),
                    ("mbit-per-second-median", Median(rates[i])),
                    ("of-plain", Median([.. rates[i].Select((rate, round) => rate / rates[0][round])])));
            }

            (double Minimum, double Median)[][] times = TakeTurns(cases, one => Ends.RoundTrips(one.Wire, one.Port, RoundTrips));
            for (int i = 0; i < cases.Count; i++)
            {
                double least = times[i].Min(round => round.Minimum);
                double median = Median([.. times[i].Select(round => round.Median)]);
                output.Row(
                    "path",
                    ("measure", "round-trip"),
                    ("mac", cases[i].Name),
                    ("data-path", cases[i].Path),
                    ("microseconds-min", least),
                    ("microseconds-median", median),
                    ("added-per-pass-min", (least - times[0].Min(round => round.Minimum)) / Passes),
                    ("added-per-pass-median", (median - Median([.. times[0].Select(round => round.Median)])) / Passes));
            }
        }
        finally
        {
            while (owned.TryPop(out IDisposable? one))
            {
                one.Dispose();
            }
        }
    }

    /// <summary>The configuration of one end: a port of B for each algorithm.</summary>
    /// <param name="algorithms">The algorithms.</param>
    /// <param name="isA">Whose.</param>
    /// <param name="path">The data path; null for the default.</param>
    public static string Configuration(IReadOnlyList<MacAlgorithm> algorithms, bool isA, string? path = null)
    {
        var chains = new StringBuilder("key-chains:\n");
        var peers = new StringBuilder("peers:\n");
        for (int at = 0; at < algorithms.Count; at++)
        {
            int port = FirstPort + at;
            string ids = isA ? "send-id: 61, recv-id: 84" : "send-id: 84, recv-id: 61";
            chains.Append($"  - {{ name: c{port}, keys: [ {{ id: 1, {ids}, algorithm: {algorithms[at].Name}, secret: \"a secret of no less than 32 bytes, for kmac\" }} ] }}\n");
            peers.Append($"  - {{ name: p{port}, remote: {(isA ? VethPair.AddressOfB : VethPair.AddressOfA)}, {(isA ? "remote" : "local")}-port: {port}, key-chain: c{port} }}\n");
        }

        return $"{(path is null or Queue ? string.Empty : $"data-path: {path}\n")}{chains}{peers}";
    }

    private static bool IsPlain(Case one) => string.Equals(one.Path, Plain, StringComparison.Ordinal);

    /// <summary>A wire with our programs at its ends; for the queue also one whose ends do everything but the MAC.</summary>
    private List<Case> Protect(Stack<IDisposable> owned, string path)
    {
        var cases = new List<Case>();
        if (string.Equals(path, Queue, StringComparison.Ordinal))
        {
            VethPair bare = Own(owned, new VethPair());
            Own(owned, OptionOnly(bare.A, isA: true));
            Own(owned, OptionOnly(bare.B, isA: false));
            cases.Add(new Case("none, option only", path, bare, FirstPort));
        }

        VethPair wire = Own(owned, new VethPair());
        Own(owned, Protector.Start(wire.A, "a", Configuration(algorithms, isA: true, path)));
        Own(owned, Protector.Start(wire.B, "b", Configuration(algorithms, isA: false, path)));
        cases.AddRange(algorithms.Select((algorithm, at) => new Case(algorithm.Name, path, wire, FirstPort + at)));
        return cases;
    }

    // only the configuration's rules are used
    private QueueOnly OptionOnly(NetworkNamespace space, bool isA) =>
        new(space, ConfigurationFile.Parse(Configuration(algorithms, isA), "benchmark", AppContext.BaseDirectory), hasOption: true);

    private static T Own<T>(Stack<IDisposable> owned, T one)
        where T : IDisposable
    {
        owned.Push(one);
        return one;
    }

    private static T[][] TakeTurns<T>(List<Case> cases, Func<Case, T> measure)
    {
        T[][] results = [.. cases.Select(_ => new T[Rounds])];

        // the first round is for the compilers
        for (int round = -1; round < Rounds; round++)
        {
            for (int i = 0; i < cases.Count; i++)
            {
                T result = measure(cases[i]);
                if (round >= 0)
                {
                    results[i][round] = result;
                }
            }
        }

        return results;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private sealed record Case(string Name, string Path, VethPair Wire, int Port);
}
