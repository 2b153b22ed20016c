namespace TcpAo.Linux.Sockets;

/// <summary>Settings of a <see cref="TcpAoKeyManager"/>.</summary>
public sealed record TcpAoKeyManagerOptions
{
    /// <summary>The clock that lifetimes are counted by, and the timers. It may be set while the manager runs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How often to look at a socket that waits for its peer; more than zero.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest time between two looks: by then the manager has noticed that the clock was set. More than zero.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a peer may take to follow before it is told of.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Is told what happens, on the thread where it happens, one call at a time for each socket. It does not throw.</summary>
    public Action<TcpAoKeyEvent>? Observer { get; init; }
}
