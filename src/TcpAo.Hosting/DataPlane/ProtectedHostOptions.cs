namespace TcpAo.Hosting.DataPlane;

/// <summary>How a <see cref="ProtectedHost"/> runs.</summary>
public sealed record ProtectedHostOptions
{
    /// <summary>Number of the NFQUEUE queue, 0 to 65535.</summary>
    public ushort Queue { get; init; } = 5925;

    /// <summary>The file that connections are kept in; on a file system that a reboot empties.</summary>
    public string StatePath { get; init; } = DefaultStatePath();

    /// <summary>Takes lines for the operator.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <summary>Is called by the loop of the data plane at least once a second; what is not called any more is stuck.</summary>
    public Action? Beat { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>One file for each network namespace, so that several programs on one host do not meet.</summary>
    public static string DefaultStatePath() => $"/run/tcpao/{NamespaceIdentity.Inode()}.state";
}
