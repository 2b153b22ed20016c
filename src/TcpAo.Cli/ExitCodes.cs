namespace TcpAo.Cli;

/// <summary>What the process returns; a contract with scripts, documented in docs/reference/exit-codes.md.</summary>
internal static class ExitCodes
{
    /// <summary>Done; the answer is yes.</summary>
    public const int Success = 0;

    /// <summary>Done; the answer is no.</summary>
    public const int No = 1;

    /// <summary>The command line is wrong, or an input cannot be read.</summary>
    public const int Usage = 2;

    /// <summary>The configuration is wrong.</summary>
    public const int Configuration = 3;

    /// <summary>A privilege or a feature of the kernel is missing.</summary>
    public const int Privilege = 4;

    /// <summary>Whom the command talks to does not answer.</summary>
    public const int Unreachable = 5;

    /// <summary><c>exec</c> failed before the program started; 126 and 127 where the program cannot be executed or is not there.</summary>
    public const int ExecFailed = 125;

    /// <summary>An error of ours.</summary>
    public const int Internal = 70;
}
