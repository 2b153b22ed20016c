namespace TcpAo.Cli.Bench;

/// <summary>One way of doing something, measured beside others.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Work">Does it as often as it is told; what it returns is used, so that nothing is optimized away.</param>
/// <param name="Operations">How many operations one time of it is.</param>
internal sealed record BenchCase(string Name, Func<int, int> Work, int Operations = 1);
