namespace TcpAo.KeyChains;

/// <summary>What of a change of keys has to be remembered from one look at the socket to the next.</summary>
/// <param name="RNextRecvId">The key that the peer was asked for; null before the first time.</param>
/// <param name="GoodWhenAsked">Segments that had verified with it by then.</param>
/// <param name="ForcedSendId">The key that we turned to because the one before may not sign any more; null where it never came to that.</param>
internal readonly record struct SocketKeyProgress(byte? RNextRecvId, ulong GoodWhenAsked, byte? ForcedSendId);
