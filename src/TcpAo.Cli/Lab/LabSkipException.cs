namespace TcpAo.Cli.Lab;

/// <summary>A case cannot be tried here; the message says what is missing.</summary>
internal sealed class LabSkipException(string message) : Exception(message);
