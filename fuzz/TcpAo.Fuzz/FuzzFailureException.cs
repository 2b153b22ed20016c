namespace TcpAo.Fuzz;

/// <summary>A promise that does not hold.</summary>
internal sealed class FuzzFailureException(string message) : Exception(message);
