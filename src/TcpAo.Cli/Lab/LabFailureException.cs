namespace TcpAo.Cli.Lab;

/// <summary>Something in the lab did not behave; the message is the reason in the row.</summary>
internal sealed class LabFailureException(string message) : Exception(message);
