namespace TcpAo.Hosting.Control.Status;

/// <summary>Something that changed, or did not and should have: a line of <c>GET /v1/events</c> (docs/reference/control.md).</summary>
/// <param name="Event"><c>now</c> (the first line), <c>reloaded</c>, <c>applied</c>, <c>store</c>, <c>store-problem</c>, <c>store-lost</c> or <c>store-back</c>.</param>
/// <param name="Revision">The revision in force after it.</param>
/// <param name="KeyChain">The chain that it is about; null for none.</param>
/// <param name="Message">The same as a sentence.</param>
public sealed record ControlEvent(string Event, string Revision, string? KeyChain, string Message)
{
    /// <summary>Name and version of the format.</summary>
    public const string SchemaName = "tcpao.event/1";

    /// <summary>Name and version of the format.</summary>
    [System.Text.Json.Serialization.JsonPropertyOrder(-1)]
    public string Schema { get; init; } = SchemaName;

    /// <summary>When it is told.</summary>
    public DateTimeOffset Time { get; init; } = TimeProvider.System.GetUtcNow();
}
