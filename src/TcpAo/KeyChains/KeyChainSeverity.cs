namespace TcpAo.KeyChains;

/// <summary>How bad a <see cref="KeyChainProblem"/> is.</summary>
public enum KeyChainSeverity
{
    /// <summary>The chain works, though probably not as meant.</summary>
    Warning,

    /// <summary>The chain must not be used.</summary>
    Error,
}
