using System.Diagnostics;
using System.Globalization;
using System.Net;
using TcpAo.Cli.Bench;
using TcpAo.Cli.Bench.DataPath;
using TcpAo.Crypto;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Benchmarks;

/// <summary>
/// Connections that nobody protects, between hosts without TcpAo, with it, and with it dead. Hosts without it are there twice: how far they are from each other is
/// what the machine's noise is. Hosts with the rules of a configuration without peers show what the kernel's hooks alone cost. Needs root.
/// </summary>
internal static class OthersBenchmark
{
    private const int Rounds = 9;
    private const int Port = 6000;
    private const int RoundTrips = 5_000;

    public static void Run(TextWriter output)
    {
        // as hosts come: TCP hands over some 64 KB as one packet; and the worst case, each segment a packet of its own
        Run(output, "segmentation offload on, as by default", hasOffload: true, bytes: 8L << 30);
        Run(output, "segmentation offload off: each segment walks the rules", hasOffload: false, bytes: 2L << 30);
    }

    private static void Run(TextWriter output, string title, bool hasOffload, long bytes)
    {
        MacAlgorithm[] algorithms = [.. MacAlgorithms.All.Where(algorithm => !algorithm.IsTcpMd5)];
        string nearEnd = PathBench.Configuration(algorithms, isA: true);
        string farEnd = PathBench.Configuration(algorithms, isA: false);
        using var none = new VethPair(hasOffload: hasOffload);
        using var noneAgain = new VethPair(hasOffload: hasOffload);
        using var noPeers = new VethPair(hasOffload: hasOffload);
        using var active = new VethPair(hasOffload: hasOffload);
        using var dead = new VethPair(hasOffload: hasOffload);
        using NftRuleset nearRules = RulesWithoutPeers(noPeers.A);
        using NftRuleset farRules = RulesWithoutPeers(noPeers.B);
        using Protector a = Protector.Start(active.A, "a", nearEnd);
        using Protector b = Protector.Start(active.B, "b", farEnd);
        using (Protector killed = Protector.Start(dead.A, "a", nearEnd))
        using (Protector killedToo = Protector.Start(dead.B, "b", farEnd))
        {
            killed.Kill();
            killedToo.Kill();
        }

        (string Name, VethPair Wire, IPAddress To)[] cases =
        [
            ("no TcpAo", none, VethPair.OtherAddressOfB),
            ("no TcpAo, again", noneAgain, VethPair.OtherAddressOfB),
            ("rules, no peers", noPeers, VethPair.OtherAddressOfB),
            ("TcpAo active", active, VethPair.OtherAddressOfB),
            ("TcpAo dead", dead, VethPair.OtherAddressOfB),
            ("active, to a peer", active, VethPair.AddressOfB),
        ];
        Sample[][] samples = [.. cases.Select(_ => new Sample[Rounds])];
        for (int round = -1; round < Rounds; round++)
        {
            for (int turn = 0; turn < cases.Length; turn++)
            {
                // another one is first in each round
                int at = (turn + round + 1) % cases.Length;
                Sample sample = Measure(cases[at].Wire, cases[at].To, bytes);
                if (round >= 0)
                {
                    samples[at][round] = sample;
                }
            }
        }

        output.WriteLine($"traffic of others, {title}: {bytes >> 20} MiB one way, {RoundTrips} round trips, both ends with the rules; {Rounds} rounds");
        output.WriteLine("  ratios to the first row: median of the rounds, and the range of their middle half");
        output.WriteLine($"  {"",-18} {"Mbit/s",8} {"ratio",23} {"CPU us/MiB",11} {"ratio",23} {"round trip us",14} {"ratio",23}");
        for (int i = 0; i < cases.Length; i++)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {cases[i].Name,-18} {Column(i, sample => sample.Rate, 8, "F0")} {Column(i, sample => sample.Cpu, 11, "F1")} {Column(i, sample => sample.RoundTrip, 14, "F1")}"));
        }

        string Column(int at, Func<Sample, double> value, int width, string format)
        {
            double[] own = [.. samples[at].Select(value).Order()];
            double[] ratios = [.. samples[at].Zip(samples[0], (sample, first) => value(sample) / value(first)).Order()];
            string ratio = string.Create(CultureInfo.InvariantCulture, $"{ratios[Rounds / 2]:F3} ({ratios[Rounds / 4]:F3} to {ratios[Rounds - 1 - (Rounds / 4)]:F3})");
            return $"{own[Rounds / 2].ToString(format, CultureInfo.InvariantCulture).PadLeft(width)} {ratio,23}";
        }
    }

    private static NftRuleset RulesWithoutPeers(NetworkNamespace space)
    {
        NftRuleset rules = space.Run(NftRuleset.Open);
        rules.Replace(new NftModel { Traffic = [] });
        return rules;
    }

    private static Sample Measure(VethPair wire, IPAddress to, long bytes)
    {
        // both ends are in this process, and veth does the kernel's work on their account
        using var process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        double rate = Ends.Throughput(wire, Port, bytes, to);
        process.Refresh();
        double cpu = (process.TotalProcessorTime - before).TotalMicroseconds / (bytes >> 20);
        return new Sample(rate, cpu, Ends.RoundTrips(wire, Port, RoundTrips, to).Median);
    }

    private readonly record struct Sample(double Rate, double Cpu, double RoundTrip);
}
