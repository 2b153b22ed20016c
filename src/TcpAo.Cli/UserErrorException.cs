namespace TcpAo.Cli;

/// <summary>Something the user can mend: one sentence with a place and a hint, and the exit code.</summary>
internal sealed class UserErrorException(string message, int exitCode) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
