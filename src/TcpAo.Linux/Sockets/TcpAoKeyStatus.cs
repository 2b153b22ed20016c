using TcpAo.Crypto;
using TcpAo.Keys;

namespace TcpAo.Linux.Sockets;

/// <summary>A key as a socket has it, without the secret. Source: <c>TCP_AO_GET_KEYS</c>.</summary>
/// <param name="Peer">Whom it is for; every peer is <c>0.0.0.0/0</c> or <c>::/0</c>.</param>
/// <param name="SendId">The KeyID of segments that we sign.</param>
/// <param name="RecvId">The KeyID of segments that we verify.</param>
public sealed record TcpAoKeyStatus(IpPrefix Peer, byte SendId, byte RecvId)
{
    /// <summary>What the kernel calls the algorithm.</summary>
    public required string AlgorithmName { get; init; }

    /// <summary>The algorithm; null for one that kernels before 7.2 have and we have not.</summary>
    public MacAlgorithm? Algorithm { get; init; }

    /// <summary>Bytes of MAC.</summary>
    public int MacLength { get; init; }

    /// <summary>Whether the MAC covers the other TCP options.</summary>
    public bool IncludeTcpOptions { get; init; }

    /// <summary>Index of the VRF's device that it is for; 0 for connections in none; null for all.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>The ports of our end that it is for.</summary>
    public PortMatch LocalPorts { get; init; }

    /// <summary>The ports of the peer that it is for.</summary>
    public PortMatch RemotePorts { get; init; }

    /// <summary>Whether segments are signed with it: it is current_key.</summary>
    public bool IsCurrent { get; init; }

    /// <summary>Whether the peer is asked for it: it is rnext_key.</summary>
    public bool IsRNext { get; init; }

    /// <summary>Segments that verified with it.</summary>
    public ulong Good { get; init; }

    /// <summary>Segments that named it and did not verify.</summary>
    public ulong Bad { get; init; }
}
