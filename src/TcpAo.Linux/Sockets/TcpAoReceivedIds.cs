namespace TcpAo.Linux.Sockets;

/// <summary>The ids of the last segment that verified (RFC 5925 section 7.1, R-058).</summary>
/// <param name="KeyId">Its KeyID: RecvID of the key that the peer signs with.</param>
/// <param name="RNextKeyId">Its RNextKeyID: SendID of the key that the peer asks for.</param>
public readonly record struct TcpAoReceivedIds(byte KeyId, byte RNextKeyId);
