using TcpAo.Keys;

namespace TcpAo.Linux.Sockets;

/// <summary>Which key to take off a socket, and what takes its place. Source: <c>TCP_AO_DEL_KEY</c>.</summary>
/// <param name="Peer">Whom the key is for, just as it was added.</param>
/// <param name="SendId">Its SendID.</param>
/// <param name="RecvId">Its RecvID.</param>
public sealed record TcpAoKeyRemoval(IpPrefix Peer, byte SendId, byte RecvId)
{
    /// <summary>The VRF of the key, just as it was added.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>The ports of the key, just as it was added.</summary>
    public PortMatch LocalPorts { get; init; }

    /// <summary>The ports of the key, just as it was added.</summary>
    public PortMatch RemotePorts { get; init; }

    /// <summary>SendID of the key to sign with instead; null leaves current_key, and the call fails if the key is that.</summary>
    public byte? CurrentSendId { get; init; }

    /// <summary>RecvID of the key to ask for instead; null leaves rnext_key, and the call fails if the key is that.</summary>
    public byte? RNextRecvId { get; init; }

    /// <summary>For listeners: neither wait until no segment uses the key nor check that none will.</summary>
    public bool WithoutWaiting { get; init; }
}
