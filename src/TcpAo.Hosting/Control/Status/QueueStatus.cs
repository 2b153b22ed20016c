namespace TcpAo.Hosting.Control.Status;

/// <summary>One queue, as the kernel counts it.</summary>
/// <param name="Queue">Its number.</param>
/// <param name="Depth">Packets that wait for a verdict.</param>
/// <param name="QueueDropped">Packets dropped because the queue was full.</param>
/// <param name="UserDropped">Packets dropped because the socket's buffer was full.</param>
public sealed record QueueStatus(int Queue, long Depth, long QueueDropped, long UserDropped);
