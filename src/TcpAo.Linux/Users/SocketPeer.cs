namespace TcpAo.Linux.Users;

/// <summary>The process at the other end of a Unix socket, as it was when it connected (SO_PEERCRED, SO_PEERGROUPS).</summary>
/// <param name="ProcessId">The process.</param>
/// <param name="User">Its user; 0 is root.</param>
/// <param name="Groups">Its group and those that it is in besides.</param>
public sealed record SocketPeer(int ProcessId, uint User, IReadOnlyList<uint> Groups);
