using System.Diagnostics;
using TcpAo.Linux.Links;

namespace TcpAo.Cli.Lab.Scenarios;

/// <summary>A bad line: what it loses and disorders is sent again, signed, and costs about what it costs without TcpAo.</summary>
internal sealed class LossScenario : ILabScenario
{
    private const int Port = 179;
    private const long Bytes = 6 * 1024 * 1024;
    private const long WarmUpBytes = 512 * 1024;

    private static readonly SoftLinkOptions s_line = new()
    {
        Seed = 5925,
        Loss = 0.01,
        Reordering = 0.05,
        Duplication = 0.005,
        Delay = TimeSpan.FromMilliseconds(5),
        BitsPerSecond = 100_000_000,
    };

    public string Name => "loss";

    public string Description => "1 % loss, 5 % reordering and some duplicates at 100 Mbit/s and 10 ms there and back";

    public void Run(LabContext context) => context.Case("6 MB each way over a bad line", () =>
    {
        using var plain = new LabNetwork(context, "without", s_line);
        using var signed = new LabNetwork(context, "with", s_line);
        signed.Protect(new LabPeer(Port, new LabKey(61, 84, "a secret of the lab")));

        // what runs for the first time is compiled first
        Transfer(plain, WarmUpBytes);
        Transfer(signed, WarmUpBytes);
        double without = Transfer(plain, Bytes);
        double with = Transfer(signed, Bytes);
        int segments = signed.Judge(Port);
        return (
            $"all arrived in {without:F2} s; {Harm(plain)}",
            $"all arrived in {with:F2} s ({with / without:F2} times); {Harm(signed)}; {segments} segments, all signed and valid");
    });

    private static string Harm(LabNetwork network)
    {
        (SoftLinkCounters a, SoftLinkCounters b) = (network.Link.FromFirst, network.Link.FromSecond);
        return $"{a.Lost + b.Lost} lost, {a.Reordered + b.Reordered} late, {a.Duplicated + b.Duplicated} double";
    }

    /// <summary>Seconds that it took.</summary>
    private static double Transfer(LabNetwork network, long bytes)
    {
        var watch = Stopwatch.StartNew();
        using var load = new LabLoad(network, Port, bytes);
        load.Finish();
        return watch.Elapsed.TotalSeconds;
    }
}
