using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Uapi;

/// <summary>What the kernel knows of a socket at the time of a call, beside its keys.</summary>
/// <param name="Family">The socket's own family: an IPv6 socket stays one when its peer is IPv4-mapped.</param>
/// <param name="State">The state of its TCP.</param>
public readonly record struct SocketFacts(SocketFamily Family, TcpState State)
{
    /// <summary>The time of the call.</summary>
    public EngineTime Time { get; init; }

    /// <summary>Index of the device that it is bound to (SO_BINDTODEVICE), 0 for none.</summary>
    public int BoundDevice { get; init; }

    /// <summary>
    /// Its ends, as far as they are set; unset addresses are the default value and unset ports 0. For <see cref="AoSocket.CheckConnect"/> and
    /// <see cref="AoSocket.Connect"/> the remote end is where it is to go.
    /// </summary>
    public SocketPair Pair { get; init; }

    /// <summary>Whether it has a peer: <see cref="Pair"/>'s remote end counts.</summary>
    public bool HasPeer { get; init; }

    /// <summary>Whether TCP_REPAIR is on.</summary>
    public bool InRepair { get; init; }

    /// <summary>Whether the caller has CAP_NET_ADMIN in the socket's network namespace.</summary>
    public bool MayRepair { get; init; }

    /// <summary>The engine's state of its connection, if there is one: <see cref="AoEngine.FindConnection"/>.</summary>
    public AoConnection? Connection { get; init; }

    /// <summary>Sequence number that the next byte of ours has; used with <see cref="InRepair"/> alone.</summary>
    public uint SendSequence { get; init; }

    /// <summary>Sequence number that the next byte of the peer has; used with <see cref="InRepair"/> alone.</summary>
    public uint ReceiveSequence { get; init; }

    /// <summary>Whether keys may be given although the socket has no TCP-AO yet (linux-uapi 4.1).</summary>
    internal bool IsUnconnected => State is TcpState.Closed or TcpState.Listen;
}
