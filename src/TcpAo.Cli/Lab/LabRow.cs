namespace TcpAo.Cli.Lab;

/// <summary>What happened in one case of a scenario.</summary>
/// <param name="Scenario">Name of the scenario.</param>
/// <param name="Case">What was tried.</param>
/// <param name="Without">What happened without TcpAo; null where that says nothing.</param>
/// <param name="With">What happened with it; null where it never came to that.</param>
/// <param name="Outcome">Whether that is as it should be.</param>
/// <param name="Reason">Why it failed or was skipped; null where it did not.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record LabRow(string Scenario, string Case, string? Without, string? With, LabOutcome Outcome, string? Reason, double Seconds);
