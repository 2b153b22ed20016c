namespace TcpAo.Linux.Sockets;

/// <summary>What a <see cref="TcpAoKeyEvent"/> tells. From <see cref="NoSendKey"/> on somebody has to do something.</summary>
public enum TcpAoKeyEventKind
{
    /// <summary>A key was added.</summary>
    Added,

    /// <summary>The peer is asked for another key (rnext_key).</summary>
    Asked,

    /// <summary>Segments are signed with another key (current_key), because the one before may not sign any more.</summary>
    Signing,

    /// <summary>A key was taken off.</summary>
    Removed,

    /// <summary>No key of the chain may sign now: what is in use stays, and nothing new can be opened.</summary>
    NoSendKey,

    /// <summary>No key of the chain is accepted now: what is in use stays.</summary>
    NoAcceptKey,

    /// <summary>A key that is over stays, because the peer still signs with it.</summary>
    PeerDoesNotFollow,

    /// <summary>A key that is over stays, because the peer asks for it.</summary>
    PeerAsksForOld,

    /// <summary>A key that is over stays, because without it the socket would take unsigned connections.</summary>
    LastKeyKept,

    /// <summary>A key of the chain is not added: one of its ids belongs to a key that the connection uses.</summary>
    IdHeld,

    /// <summary>The connection has no TCP-AO.</summary>
    Unsigned,

    /// <summary>The kernel refused.</summary>
    Failed,
}
