using System.Globalization;
using System.Text;
using TcpAo.Benchmarks.DataPath;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Benchmarks;

/// <summary>
/// What <c>tcpao run</c> at both ends makes of a TCP connection: throughput and round-trip time beside plain TCP without segmentation offload, both ends, both
/// programs and the kernel on the cores of this machine. Needs root.
/// </summary>
internal static class PathBenchmark
{
    private const int Rounds = 5;
    public const int FirstPort = 7000;
    private const int RoundTrips = 5_000;

    // a segment of a round trip passes a queue at each end, and there are two
    private const int Hops = 4;

    /// <summary>Throughput and round trips of each algorithm, or of those that are named.</summary>
    public static void Run(TextWriter output, int mebibytes, string[] names)
    {
        MacAlgorithm[] algorithms = [.. MacAlgorithms.All.Where(algorithm => !algorithm.IsTcpMd5 && (names is [] || names.Contains(algorithm.Name, StringComparer.Ordinal)))];
        using var plain = new VethPair();
        using var optionOnly = new VethPair();
        using var protectedWire = new VethPair();
        using QueueOnly near = BeginOptionOnly(optionOnly.A, algorithms, isA: true);
        using QueueOnly far = BeginOptionOnly(optionOnly.B, algorithms, isA: false);
        using Protector a = Protector.Start(protectedWire.A, "a", Configuration(algorithms, isA: true));
        using Protector b = Protector.Start(protectedWire.B, "b", Configuration(algorithms, isA: false));
        List<(string Name, VethPair Wire, int Port)> cases =
        [
            ("plain TCP, TSO off", plain, FirstPort),
            ("option only, no MAC", optionOnly, FirstPort),
            .. algorithms.Select((algorithm, at) => (algorithm.Name, protectedWire, FirstPort + at)),
        ];

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{mebibytes} MiB one way (plain: four times that), median of {Rounds} runs that take turns; MTU 1500"));
        output.WriteLine($"  {"",-22} {"Mbit/s",8} {"of plain",9}");
        double[][] rates = Interleave(cases, (wire, port) => Ends.Throughput(wire, port, ((long)mebibytes << 20) * (ReferenceEquals(wire, plain) ? 4 : 1)));
        for (int i = 0; i < cases.Count; i++)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {cases[i].Name,-22} {Median(rates[i]),8:F0} {Median(rates[i]) / Median(rates[0]),9:F3}"));
        }

        output.WriteLine($"one byte there and back, {RoundTrips} times in each of {Rounds} rounds; added for each of {Hops} passes of a queue");
        output.WriteLine($"  {"",-22} {"min us",8} {"median",8} {"added min",10} {"added med",10}");
        double[][] minima = [.. cases.Select(_ => new double[Rounds])];
        double[][] medians = [.. cases.Select(_ => new double[Rounds])];
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < cases.Count; i++)
            {
                (minima[i][round], medians[i][round]) = Ends.RoundTrips(cases[i].Wire, cases[i].Port, RoundTrips);
            }
        }

        for (int i = 0; i < cases.Count; i++)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {cases[i].Name,-22} {minima[i].Min(),8:F1} {Median(medians[i]),8:F1} {(minima[i].Min() - minima[0].Min()) / Hops,10:F1} {(Median(medians[i]) - Median(medians[0])) / Hops,10:F1}"));
        }
    }

    /// <summary>The configuration of one end: a port of B for each algorithm.</summary>
    public static string Configuration(MacAlgorithm[] algorithms, bool isA)
    {
        var chains = new StringBuilder("key-chains:\n");
        var peers = new StringBuilder("peers:\n");
        for (int at = 0; at < algorithms.Length; at++)
        {
            int port = FirstPort + at;
            string ids = isA ? "send-id: 61, recv-id: 84" : "send-id: 84, recv-id: 61";
            chains.Append($"  - {{ name: c{port}, keys: [ {{ id: 1, {ids}, algorithm: {algorithms[at].Name}, secret: \"a secret of no less than 32 bytes, for kmac\" }} ] }}\n");
            peers.Append($"  - {{ name: p{port}, remote: {(isA ? VethPair.AddressOfB : VethPair.AddressOfA)}, {(isA ? "remote" : "local")}-port: {port}, key-chain: c{port} }}\n");
        }

        return $"{chains}{peers}";
    }

    private static QueueOnly BeginOptionOnly(NetworkNamespace space, MacAlgorithm[] algorithms, bool isA)
    {
        // only its rules are used
        return new QueueOnly(space, ConfigurationFile.Parse(Configuration(algorithms, isA), "benchmark", AppContext.BaseDirectory), hasOption: true);
    }

    private static double[][] Interleave(List<(string Name, VethPair Wire, int Port)> cases, Func<VethPair, int, double> measure)
    {
        double[][] results = [.. cases.Select(_ => new double[Rounds])];
        for (int round = -1; round < Rounds; round++)
        {
            for (int i = 0; i < cases.Count; i++)
            {
                double result = measure(cases[i].Wire, cases[i].Port);
                if (round >= 0)
                {
                    results[i][round] = result;
                }
            }
        }

        return results;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
