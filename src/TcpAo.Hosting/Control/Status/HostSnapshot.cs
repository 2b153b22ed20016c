using System.Collections.Immutable;

namespace TcpAo.Hosting.Control.Status;

/// <summary>
/// Everything about a running <c>tcpao run</c> at one moment, without secrets: what <c>GET /v1/status</c> and <c>tcpao show --json</c> give
/// (docs/reference/show.md). Connections are read a few hundred at a time while the data plane goes on.
/// </summary>
public sealed record HostSnapshot
{
    /// <summary>Name and version of the format.</summary>
    public const string SchemaName = "tcpao.show/1";

    /// <summary>Name and version of the format.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>When it was taken.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>When the program began to protect.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The program's process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The configuration in force.</summary>
    public required string Configuration { get; init; }

    /// <summary>Changes with whatever puts other keys or peers into force, and names this state when a chain is applied.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The key store; null where the configuration has none.</summary>
    public KeyStoreStatus? KeyStore { get; init; }

    /// <summary>The rules that bring packets here.</summary>
    public required RulesStatus Rules { get; init; }

    /// <summary>The queues.</summary>
    public required ImmutableArray<QueueStatus> Queues { get; init; }

    /// <summary>How segments get here.</summary>
    public DataPathStatus DataPath { get; init; } = new("nfqueue");

    /// <summary>What was counted since the start.</summary>
    public required CounterStatus Counters { get; init; }

    /// <summary>The peers, in the order of the configuration.</summary>
    public required ImmutableArray<PeerStatus> Peers { get; init; }

    /// <summary>The key chains, in the order of the configuration.</summary>
    public required ImmutableArray<KeyChainStatus> KeyChains { get; init; }

    /// <summary>The connections, in no order.</summary>
    public required ImmutableArray<ConnectionStatus> Connections { get; init; }

    /// <summary>Causes of refusals, the newest first.</summary>
    public required ImmutableArray<RefusalStatus> Refusals { get; init; }
}
