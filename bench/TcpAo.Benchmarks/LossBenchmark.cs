using System.Globalization;
using TcpAo.Cli.Bench;
using TcpAo.Cli.Bench.DataPath;
using TcpAo.Hosting.Configuration;
using TcpAo.Linux.Links;

namespace TcpAo.Benchmarks;

/// <summary>
/// A transfer over a link that loses 1 % of the frames and reorders 5 %, at 100 Mbit/s and 10 ms each way: signed by <c>tcpao run</c>, and unsigned through
/// queues that pass everything. Needs root.
/// </summary>
internal static class LossBenchmark
{
    private const int Pairs = 9;
    private const int Port = 179;
    private const long Bytes = 8 << 20;

    private static readonly SoftLinkOptions s_link = new()
    {
        Loss = 0.01,
        Reordering = 0.05,
        ReorderingDelay = TimeSpan.FromMilliseconds(1),
        Delay = TimeSpan.FromMilliseconds(10),
        BitsPerSecond = 100_000_000,
    };

    public static void Run(TextWriter output)
    {
        using var unsigned = new VethPair(s_link);
        using var signed = new VethPair(s_link);
        using QueueOnly near = Queue(unsigned, isA: true);
        using QueueOnly far = Queue(unsigned, isA: false);
        using Protector a = Protector.Start(signed.A, "a", Configuration(isA: true));
        using Protector b = Protector.Start(signed.B, "b", Configuration(isA: false));
        double[] without = new double[Pairs];
        double[] with = new double[Pairs];
        output.WriteLine($"{Bytes >> 20} MiB at 1 % loss, 5 % reordering, 100 Mbit/s, 10 ms each way; {Pairs} pairs that take turns, Mbit/s");
        output.WriteLine($"  {"unsigned",9} {"signed",9} {"time",6}");
        for (int pair = -1; pair < Pairs; pair++)
        {
            double one = Ends.Throughput(unsigned, Port, Bytes);
            double other = Ends.Throughput(signed, Port, Bytes);
            if (pair >= 0)
            {
                (without[pair], with[pair]) = (one, other);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {one,9:F1} {other,9:F1} {one / other,6:F2}"));
            }
        }

        Array.Sort(without);
        Array.Sort(with);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  {without[Pairs / 2],9:F1} {with[Pairs / 2],9:F1} {without[Pairs / 2] / with[Pairs / 2],6:F2}  medians"));
    }

    private static QueueOnly Queue(VethPair wire, bool isA) =>
        new(isA ? wire.A : wire.B, ConfigurationFile.Parse(Configuration(isA), "benchmark", AppContext.BaseDirectory), hasOption: false);

    private static string Configuration(bool isA) =>
        $$"""
        key-chains:
          - name: c
            keys: [ { id: 1, send-id: {{(isA ? 1 : 2)}}, recv-id: {{(isA ? 2 : 1)}}, secret: "a secret" } ]
        peers:
          - { name: p, remote: {{(isA ? VethPair.AddressOfB : VethPair.AddressOfA)}}, {{(isA ? "remote" : "local")}}-port: {{Port}}, key-chain: c }

        """;
}
