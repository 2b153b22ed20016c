using System.CommandLine;
using TcpAo.Cli.Bench;
using TcpAo.Linux.Diagnostics;

namespace TcpAo.Cli.Commands;

/// <summary><c>tcpao bench mac|verify|lookup|path</c>: what things cost on this machine, beside what one would use instead, in one run.</summary>
internal sealed class BenchCommand : Command
{
    private static readonly Option<bool> s_json = new("--json") { Description = "one JSON object a line for each figure, schema tcpao.bench/1", Recursive = true };
    private static readonly Option<string?> s_svg = new("--svg") { Description = "draw the costs of the shortest message into FILE", HelpName = "FILE" };
    private static readonly Option<int> s_mebibytes = new("--mebibytes") { Description = "size of each capture", DefaultValueFactory = _ => 512, HelpName = "MIB" };

    private readonly Func<Stream> _openOutput;

    public BenchCommand(Func<Stream> openOutput)
        : base("bench", "Measure on this machine: MACs, the verifier, key lookup, the data path")
    {
        _openOutput = openOutput;
        Add(s_json);
        var mac = new Command("mac", "What the MAC of a segment costs, one by one and in batches, beside OpenSSL and .NET") { s_svg };
        mac.SetAction(parsed => Run(parsed, output => RunMac(output, parsed.GetValue(s_svg))));
        Add(mac);
        var verify = new Command("verify", "How fast captures are verified, beside reading the file alone") { s_mebibytes };
        verify.SetAction(parsed => Run(parsed, new VerifyBench(parsed.GetValue(s_mebibytes)).Run));
        Add(verify);
        var lookup = new Command("lookup", "What finding a key or a peer costs among 10, 1 000 and 100 000");
        lookup.SetAction(parsed => Run(parsed, LookupBench.Run));
        Add(lookup);
        Add(new PathBenchCommand(Run));
        Add(new QueueOnlyCommand());
    }

    private int Run(ParseResult parsed, Action<BenchOutput> run)
    {
        using Stream stream = _openOutput();
        var output = new BenchOutput(stream, parsed.GetValue(s_json));
        output.Note(Machine.Describe());
        run(output);
        return ExitCodes.Success;
    }

    private static void RunMac(BenchOutput output, string? chart)
    {
        // cycles of the counter, in which others tell such costs; nanoseconds where there is none
        double cycles = TimeStampCounter.IsSupported ? TimeStampCounter.Frequency / 1e9 : double.NaN;
        var results = new List<MacResult>();
        using var bench = new MacBench();
        bench.Run(result =>
        {
            results.Add(result);
            output.Row(
                "mac",
                ("algorithm", result.Algorithm),
                ("message-bytes", result.MessageBytes),
                ("mode", result.Mode),
                ("lanes", result.Lanes),
                ("implementation", result.Implementation),
                ("role", result.Role),
                ("tsc-cycles-min", result.Figures.Minimum * cycles),
                ("tsc-cycles-median", result.Figures.Median * cycles),
                ("nanoseconds-min", result.Figures.Minimum),
                ("times-as-fast-as-openssl", result.Faster));
        });
        output.Note("Another CPU: Linux 7.2 for a segment of 128 bytes, as its author published it: 1256 cycles HMAC-SHA-1, 1344 HMAC-SHA-256, 1107 AES-128-CMAC.");
        if (chart is not null)
        {
            bool isCounted = double.IsFinite(cycles);
            File.WriteAllText(chart, MacChart.Draw(results, MacBench.MessageLengths[0], isCounted ? "TSC cycles" : "ns", isCounted ? cycles : 1, Machine.Describe()));
        }
    }
}
