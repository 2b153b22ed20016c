namespace TcpAo.Connections;

/// <summary>
/// A SYN of the peer that was let through and that our stack has not answered yet. Nothing of a live connection changes before our own
/// SYN-ACK says that the stack took it: so a replayed SYN changes nothing.
/// </summary>
/// <param name="Isn">The peer's ISN.</param>
/// <param name="Signed">Whether it was signed and verified.</param>
/// <param name="KeyId">Its KeyID: our RecvID.</param>
/// <param name="RNextKeyId">Its RNextKeyID: the SendID that it asks for.</param>
internal readonly record struct PendingSyn(uint Isn, bool Signed, byte KeyId, byte RNextKeyId);
