namespace TcpAo.Hosting.Control.Status;

/// <summary>The nf_tables rules.</summary>
/// <param name="Intact">Whether they are in force and ours.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Problem">What is wrong with them; null when nothing is.</param>
public sealed record RulesStatus(bool Intact, int Count, string? Problem);
