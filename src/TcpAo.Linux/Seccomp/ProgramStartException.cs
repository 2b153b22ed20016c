namespace TcpAo.Linux.Seccomp;

/// <summary>A program could not be started under supervision. The message says why, and what to do.</summary>
public sealed class ProgramStartException : Exception
{
    internal ProgramStartException(int exitCode, string message)
        : base(message)
    {
        ExitCode = exitCode;
    }

    /// <summary>What a shell would return: 127 when there is no such program, 126 when it cannot be executed, 125 when it cannot be supervised.</summary>
    public int ExitCode { get; }
}
