namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>One circumstance and what must come of it.</summary>
/// <param name="Name">What is printed.</param>
/// <param name="RunAsync">Throws when something else comes of it.</param>
internal sealed record MatrixRow(string Name, Func<Task> RunAsync);
