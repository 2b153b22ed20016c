using System.Diagnostics;

namespace TcpAo.Cli.Lab.Scenarios;

/// <summary>Bytes go both ways at once, arrive as they were sent, and the verifier finds every segment on the wire signed and valid.</summary>
internal sealed class TransferScenario : ILabScenario
{
    private const int Port = 179;
    private const long Bytes = 2 * 1024 * 1024;

    public string Name => "transfer";

    public string Description => "bytes both ways over IPv4 and IPv6, checksummed, and every segment on the wire judged by the verifier";

    public void Run(LabContext context)
    {
        using var plain = new LabNetwork(context, "without");
        using var signed = new LabNetwork(context, "with");
        signed.Protect(new LabPeer(Port, new LabKey(61, 84, "a secret of the lab")));
        int judged = 0;
        foreach (bool isIPv6 in new[] { false, true })
        {
            context.Case($"2 MB each way, {(isIPv6 ? "IPv6" : "IPv4")}", () =>
            {
                double without = Transfer(plain, isIPv6);
                double with = Transfer(signed, isIPv6);
                int segments = signed.Judge(Port);
                (int before, judged) = (judged, segments);
                return ($"all arrived in {without:F2} s, unsigned", $"all arrived in {with:F2} s, {segments - before} segments, all signed and valid");
            });
        }
    }

    /// <summary>Seconds that it took.</summary>
    private static double Transfer(LabNetwork network, bool isIPv6)
    {
        var watch = Stopwatch.StartNew();
        using LabSession session = LabSession.Open(network, Port, isIPv6);
        var there = new LabFlow(session.A, session.B, 1, Bytes);
        var back = new LabFlow(session.B, session.A, 2, Bytes);
        there.Finish();
        back.Finish();
        return watch.Elapsed.TotalSeconds;
    }
}
