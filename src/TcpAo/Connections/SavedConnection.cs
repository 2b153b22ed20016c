namespace TcpAo.Connections;

/// <summary>
/// What is needed to continue a connection elsewhere or after a restart, together with its keys; holds no secret. It is what
/// Linux' TCP_AO_REPAIR moves, with the sequence number that each SNE extends, and the keys in use.
/// </summary>
/// <param name="Pair">The connection.</param>
/// <param name="State">How far it is.</param>
/// <param name="Protection">Whether it is signed.</param>
/// <param name="LocalIsn">Our ISN; null before we sent one.</param>
/// <param name="RemoteIsn">The peer's ISN; null before a verified segment told it.</param>
/// <param name="SendSne">The SNE of our highest sequence number.</param>
/// <param name="SendSequence">Our highest sequence number.</param>
/// <param name="ReceiveSne">The SNE of the peer's highest verified sequence number.</param>
/// <param name="ReceiveSequence">The peer's highest verified sequence number.</param>
/// <param name="CurrentSendId">SendID of current_key; null when there is none.</param>
/// <param name="RNextRecvId">RecvID of rnext_key; null when there is none.</param>
/// <param name="PeerRecvId">RecvID of the key that the peer signed with last; null where it is not known.</param>
public readonly record struct SavedConnection(
    SocketPair Pair,
    ConnectionState State,
    Protection Protection,
    uint? LocalIsn,
    uint? RemoteIsn,
    uint SendSne,
    uint SendSequence,
    uint ReceiveSne,
    uint ReceiveSequence,
    byte? CurrentSendId,
    byte? RNextRecvId,
    byte? PeerRecvId = null);
