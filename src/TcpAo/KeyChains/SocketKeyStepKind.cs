namespace TcpAo.KeyChains;

/// <summary>What a <see cref="SocketKeyStep"/> does.</summary>
internal enum SocketKeyStepKind
{
    /// <summary>Add a key.</summary>
    Add,

    /// <summary>Take a key off and add another one that has an id of it.</summary>
    Replace,

    /// <summary>Sign with a key.</summary>
    SetCurrent,

    /// <summary>Ask for a key.</summary>
    SetRNext,

    /// <summary>Take a key off.</summary>
    Remove,
}
