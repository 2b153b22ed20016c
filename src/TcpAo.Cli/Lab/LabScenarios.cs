using TcpAo.Cli.Lab.Scenarios;

namespace TcpAo.Cli.Lab;

/// <summary>All scenarios, in their order.</summary>
internal static class LabScenarios
{
    public static IReadOnlyList<ILabScenario> All { get; } = [new TransferScenario(), new RolloverScenario(), new AttackScenario(), new RestartScenario(), new LossScenario(), new BgpScenario()];
}
