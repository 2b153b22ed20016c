namespace TcpAo.Cli.Bench;

/// <summary>What an operation cost.</summary>
/// <param name="Minimum">In the fastest pass: nanoseconds.</param>
/// <param name="Median">In the middle one: nanoseconds.</param>
internal readonly record struct BenchFigures(double Minimum, double Median);
