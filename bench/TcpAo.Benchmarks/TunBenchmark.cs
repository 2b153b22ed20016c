using System.Globalization;
using TcpAo.Benchmarks.DataPath;
using TcpAo.Crypto;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Benchmarks;

/// <summary>
/// The two data paths of <c>tcpao run</c>, the same at both ends, beside plain TCP without segmentation offload: throughput of one connection, both ends, both
/// programs and the kernel on the cores of this machine. Needs root.
/// </summary>
internal static class TunBenchmark
{
    private const int Rounds = 5;
    private const int RoundTrips = 5_000;

    private static readonly string[] s_names = ["hmac-sha-1-96", "aes-128-cmac-96", "hmac-sha-256"];

    public static void Run(TextWriter output, int mebibytes, IReadOnlyCollection<string> names)
    {
        MacAlgorithm[] algorithms = [.. MacAlgorithms.All.Where(algorithm => (names.Count == 0 ? s_names : names).Contains(algorithm.Name, StringComparer.Ordinal))];
        using var plain = new VethPair();
        using var queueWire = new VethPair();
        using var tunWire = new VethPair();
        using Protector queueA = Protector.Start(queueWire.A, "a", PathBenchmark.Configuration(algorithms, isA: true));
        using Protector queueB = Protector.Start(queueWire.B, "b", PathBenchmark.Configuration(algorithms, isA: false));
        using Protector tunA = Protector.Start(tunWire.A, "a", $"data-path: tun\n{PathBenchmark.Configuration(algorithms, isA: true)}");
        using Protector tunB = Protector.Start(tunWire.B, "b", $"data-path: tun\n{PathBenchmark.Configuration(algorithms, isA: false)}");
        long bytes = (long)mebibytes << 20;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{mebibytes} MiB one way (plain: four times that, queue: half), median of {Rounds} runs that take turns; MTU 1500"));
        output.WriteLine($"  {"",-22} {"plain",8} {"queue",8} {"tun",8} {"of plain",9} {"of queue",9}");
        for (int at = 0; at < algorithms.Length; at++)
        {
            int port = PathBenchmark.FirstPort + at;
            var plainRates = new double[Rounds];
            var queueRates = new double[Rounds];
            var tunRates = new double[Rounds];
            for (int round = -1; round < Rounds; round++)
            {
                double ofPlain = Ends.Throughput(plain, port, bytes * 4);
                double ofTun = Ends.Throughput(tunWire, port, bytes);
                double ofQueue = Ends.Throughput(queueWire, port, bytes / 2);
                if (round >= 0)
                {
                    (plainRates[round], tunRates[round], queueRates[round]) = (ofPlain, ofTun, ofQueue);
                }
            }

            // each with what stood beside it
            double toPlain = Median([.. tunRates.Select((rate, round) => rate / plainRates[round])]);
            double toQueue = Median([.. tunRates.Select((rate, round) => rate / queueRates[round])]);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {algorithms[at].Name,-22} {Median(plainRates),8:F0} {Median(queueRates),8:F0} {Median(tunRates),8:F0} {toPlain,9:F3} {toQueue,9:F2}"));
        }

        output.WriteLine($"one byte there and back, {RoundTrips} times in each of {Rounds} rounds, {algorithms[0].Name}");
        output.WriteLine($"  {"",-22} {"min us",8} {"median",8}");
        foreach ((string name, VethPair wire) in new[] { ("plain", plain), ("queue", queueWire), ("tun", tunWire) })
        {
            (double Minimum, double Median)[] rounds = [.. Enumerable.Range(0, Rounds).Select(_ => Ends.RoundTrips(wire, PathBenchmark.FirstPort, RoundTrips))];
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-22} {rounds.Min(round => round.Minimum),8:F1} {Median([.. rounds.Select(round => round.Median)]),8:F1}"));
        }
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
