namespace TcpAo.KeyChains;

/// <summary>How bad a <see cref="KeyFinding"/> is.</summary>
public enum KeyFindingSeverity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,

    /// <summary>It works, or will for a while, though probably not as meant.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Error,
}
