namespace TcpAo.KeyChains;

/// <summary>What is not as the chain has it, and will not be by a step of ours alone.</summary>
[Flags]
internal enum SocketKeyCondition
{
    /// <summary>All is.</summary>
    None = 0,

    /// <summary>No key of the chain may sign now.</summary>
    NoSendKey = 1,

    /// <summary>No key of the chain is accepted now.</summary>
    NoAcceptKey = 2,

    /// <summary>A key that is over cannot go: the peer has not turned to the one that it is asked for.</summary>
    PeerDoesNotFollow = 4,

    /// <summary>A key that is over cannot go: the peer asks for it.</summary>
    PeerAsksForOld = 8,

    /// <summary>A key that is over stays, because it is the last one and the socket would be open to everybody.</summary>
    LastKeyKept = 16,

    /// <summary>A key of the chain waits: one of its ids belongs to a key in use.</summary>
    IdHeld = 32,
}
