using System.Collections.Immutable;

namespace TcpAo.Hosting.Control.Status;

/// <summary>What went wrong with a request: the answer of any status from 400 on (docs/reference/control.md).</summary>
/// <param name="Message">One sentence.</param>
/// <param name="Errors">Everything that is wrong with the configuration, one sentence each with place and suggestion; empty where it is something else.</param>
public sealed record ControlError(string Message, ImmutableArray<string> Errors)
{
    /// <summary>Name and version of the format.</summary>
    public const string SchemaName = "tcpao.error/1";

    /// <summary>Name and version of the format.</summary>
    [System.Text.Json.Serialization.JsonPropertyOrder(-1)]
    public string Schema { get; init; } = SchemaName;
}
