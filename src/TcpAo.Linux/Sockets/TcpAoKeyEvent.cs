namespace TcpAo.Linux.Sockets;

/// <summary>What a <see cref="TcpAoKeyManager"/> did, or could not do. Nothing in it is secret.</summary>
/// <param name="Kind">What.</param>
/// <param name="Chain">Name of the key chain.</param>
/// <param name="Socket">The socket's ends.</param>
/// <param name="Message">The same in a sentence.</param>
public sealed record TcpAoKeyEvent(TcpAoKeyEventKind Kind, string Chain, string Socket, string Message)
{
    /// <summary>Whether somebody has to do something.</summary>
    public bool IsProblem => Kind >= TcpAoKeyEventKind.NoSendKey;
}
