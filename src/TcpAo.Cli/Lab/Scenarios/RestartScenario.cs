using TcpAo.Linux.Links;
using TcpAo.Wire;

namespace TcpAo.Cli.Lab.Scenarios;

/// <summary>TcpAo is killed at either end, again and again, while a session is busy: every byte arrives, and nothing unsigned was on the wire.</summary>
internal sealed class RestartScenario : ILabScenario
{
    private const int Port = 179;
    private const int Kills = 8;
    private const long Step = 64 * 1024;

    public string Name => "restart";

    public string Description => "kill -9 of tcpao run at either end under load";

    public void Run(LabContext context) => context.Case($"kill -9 {Kills} times under load", () =>
    {
        using var network = new LabNetwork(context, "with", new SoftLinkOptions { BitsPerSecond = 20_000_000 });
        network.Protect(new LabPeer(Port, new LabKey(61, 84, "a secret of the lab")));
        using var load = new LabLoad(network, Port);
        load.WaitForMore(Step);
        for (int i = 0; i < Kills; i++)
        {
            LabProtection victim = i % 2 == 0 ? network.RunA : network.RunB;
            victim.Kill();
            victim.Start();
            victim.WaitUntilProtecting();
            load.WaitForMore(Step);
        }

        long bytes = load.Finish();
        if (network.Tap.Find(segment => segment.Is(TcpFlags.Rst)).Count > 0)
        {
            throw new LabFailureException("there was a reset on the wire");
        }

        int segments = network.Judge(Port);
        return (null, $"one connection throughout, {bytes / 1_000_000.0:F1} MB unharmed and in order, {segments} segments, all signed and valid");
    });
}
