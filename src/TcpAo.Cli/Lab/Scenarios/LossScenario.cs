using System.Diagnostics;
using TcpAo.Linux.Links;

namespace TcpAo.Cli.Lab.Scenarios;

/// <summary>A bad line: what it loses and disorders is sent again, signed, and costs about what it costs unsigned through the same queue.</summary>
internal sealed class LossScenario : ILabScenario
{
    private const int Port = 179;
    private const long Bytes = 3 * 1024 * 1024;
    private const long WarmUpBytes = 512 * 1024;

    // what the design allows for signing, in time
    private const double Goal = 1.25;
    private const int LeastTurns = 3;
    private const int MostTurns = 12;

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

    public void Run(LabContext context) => context.Case("3 MB there, 3 MB back over a bad line", () =>
    {
        using var plain = new LabNetwork(context, "without", s_line);
        using var watched = new LabNetwork(context, "unsigned", s_line);
        using var signed = new LabNetwork(context, "with", s_line);
        var peer = new LabPeer(Port, new LabKey(61, 84, "a secret of the lab"));
        watched.Protect(peer with { IsOnlyWatched = true });
        signed.Protect(peer);

        // what runs for the first time is compiled first
        Transfer(watched, WarmUpBytes);
        Transfer(signed, WarmUpBytes);
        double without = Transfer(plain, Bytes);
        (double with, double ratio) = Compare(watched, signed);
        int segments = signed.Judge(Port);
        if (watched.Tap.Find(segment => segment.HasPort(Port) && segment.HasAo).Count > 0)
        {
            throw new LabFailureException("the segments to compare with are signed too");
        }

        return (
            $"all arrived in {without:F2} s; {Harm(plain)}",
            $"all arrived in {with:F2} s, {ratio:F2} times that of unsigned segments through the same queue; {Harm(signed)}; {segments} segments, all signed and valid");
    });

    /// <summary>
    /// The shortest time of the signed transfers, and its ratio to the shortest of the unsigned ones. They take turns, and what else the machine does only ever
    /// adds to a time: so there are as many turns as it takes to meet the goal, or the most.
    /// </summary>
    private static (double Seconds, double Ratio) Compare(LabNetwork watched, LabNetwork signed)
    {
        (double without, double with) = (double.MaxValue, double.MaxValue);
        for (int turn = 1; turn <= MostTurns; turn++)
        {
            without = Math.Min(without, Transfer(watched, Bytes));
            with = Math.Min(with, Transfer(signed, Bytes));
            if (turn >= LeastTurns && with <= Goal * without)
            {
                return (with, with / without);
            }
        }

        throw new LabFailureException(
            $"signed segments took {with:F2} s at best, {with / without:F2} times that of unsigned ones through the same queue; at most {Goal:F2} times are right");
    }

    private static string Harm(LabNetwork network)
    {
        (SoftLinkCounters a, SoftLinkCounters b) = (network.Link.FromFirst, network.Link.FromSecond);
        return $"{a.Lost + b.Lost} lost, {a.Reordered + b.Reordered} late, {a.Duplicated + b.Duplicated} double";
    }

    /// <summary>Bytes go there and then back. Seconds that it took.</summary>
    private static double Transfer(LabNetwork network, long bytes)
    {
        var watch = Stopwatch.StartNew();
        using LabSession session = LabSession.Open(network, Port);
        new LabFlow(session.A, session.B, 1, bytes).Finish();
        new LabFlow(session.B, session.A, 2, bytes).Finish();
        return watch.Elapsed.TotalSeconds;
    }
}
