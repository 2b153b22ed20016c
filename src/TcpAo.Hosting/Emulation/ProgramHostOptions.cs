using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Telemetry;

namespace TcpAo.Hosting.Emulation;

/// <summary>What program <c>tcpao exec</c> runs, and how.</summary>
public sealed record ProgramHostOptions
{
    /// <summary>The program: a path, or a name to be looked for in PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, without its name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Keys and peers for the sockets that the program sets no keys on, and that it need know nothing of; null for none.</summary>
    public TcpAoConfiguration? Keys { get; init; }

    /// <summary>Whether it sees the counters of TCP-AO in /proc/net/netstat.</summary>
    public bool ShowsCounters { get; init; }

    /// <summary>Whether connections that wait for <c>accept()</c> follow the keys of their listener.</summary>
    public bool QueuedConnectionsFollowListener { get; init; }

    /// <summary>Whether it may use io_uring: what it does by io_uring's own socket calls nobody sees, and may leave unsigned.</summary>
    public bool AllowsRings { get; init; }

    /// <summary>How long connections that the program left with data on the way are waited for when it has ended.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The socket of a running <c>tcpao run</c> that is to serve the program; null for that of this network namespace, if there is one.</summary>
    public string? Daemon { get; init; }

    /// <summary>Takes the events of the program's sockets as JSON lines (docs/reference/trace.md); null for nobody. It stays open.</summary>
    public Stream? Trace { get; init; }

    /// <summary>Which events <see cref="Trace"/> takes.</summary>
    public TraceFilter TraceFilter { get; init; } = TraceFilter.Everything;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes lines for the operator.</summary>
    public Action<string> Log { get; init; } = static _ => { };
}
