namespace TcpAo.Cli.Lab;

/// <summary>What the lab was asked for.</summary>
/// <param name="Scenarios">Which scenarios.</param>
/// <param name="Daemons">A folder of unpacked packages with BGP daemons; null for those of the system alone.</param>
/// <param name="CaptureFolder">Where captures are left; null for nowhere.</param>
internal sealed record LabArguments(IReadOnlyList<ILabScenario> Scenarios, string? Daemons, string? CaptureFolder);
