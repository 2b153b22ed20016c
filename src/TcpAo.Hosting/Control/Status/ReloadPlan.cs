using System.Collections.Immutable;

namespace TcpAo.Hosting.Control.Status;

/// <summary>What a reload changes, or would: the answer of <c>POST /v1/reload</c> and of <c>tcpao reload --json</c> (docs/reference/reload.md).</summary>
public sealed record ReloadPlan
{
    /// <summary>Name and version of the format.</summary>
    public const string SchemaName = "tcpao.reload/1";

    /// <summary>Name and version of the format.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>The file that was read.</summary>
    public required string Configuration { get; init; }

    /// <summary>The revision in force after it; after a dry run as before.</summary>
    public string Revision { get; init; } = "";

    /// <summary>Whether the file is in force now; false for a dry run.</summary>
    public bool InForce { get; init; }

    /// <summary>What works but should be looked at.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Peers.</summary>
    public required ImmutableArray<ReloadChange> Peers { get; init; }

    /// <summary>Key chains.</summary>
    public required ImmutableArray<ReloadChange> KeyChains { get; init; }

    /// <summary>Connections that something happens to.</summary>
    public required ImmutableArray<ReloadEffect> Connections { get; init; }

    /// <summary>Whether nothing changes.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsEmpty => Peers.IsEmpty && KeyChains.IsEmpty && Connections.IsEmpty;
}
