using System.Collections.Immutable;

namespace TcpAo.Hosting.Control.Status;

/// <summary>A key chain.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Keys">Its keys.</param>
public sealed record KeyChainStatus(string Name, ImmutableArray<KeyStatus> Keys)
{
    /// <summary>Where it comes from: <c>file</c>, <c>control</c> (applied over the control socket) or <c>store</c>.</summary>
    public string Source { get; init; } = "file";

    /// <summary>SendID of the key that the chain chooses to sign with; null for none, and for TCP MD5 without meaning.</summary>
    public int? SendKey { get; init; }

    /// <summary>RecvID of the key that the chain asks for.</summary>
    public int? RnextKey { get; init; }

    /// <summary>The next change of these; null when there is none.</summary>
    public KeyChangeStatus? NextChange { get; init; }
}
