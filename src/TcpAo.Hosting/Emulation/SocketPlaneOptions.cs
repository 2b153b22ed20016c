using System.Collections.Immutable;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Telemetry;
using TcpAo.Keys;

namespace TcpAo.Hosting.Emulation;

/// <summary>How the data planes of supervised programs work.</summary>
internal sealed record SocketPlaneOptions
{
    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Takes lines for the operator.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <summary>What the engines tell, for traces; null for nobody.</summary>
    public EventHub? Events { get; init; }

    /// <summary>The policy's keys, which come before a socket's; null where there is none.</summary>
    public IKeySource? Policy { get; init; }

    /// <summary>The connections that the policy owns.</summary>
    public Func<ImmutableArray<ConnectionMatch>> PolicyMatches { get; init; } = static () => [];

    /// <summary>Keys for sockets that set none of their own, and for whom; null for none.</summary>
    public TcpAoConfiguration? Keys { get; init; }

    /// <summary>Whether sockets of other network namespaces than this process' are served.</summary>
    public bool ServesOtherNamespaces { get; init; } = true;
}
