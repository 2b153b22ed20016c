namespace TcpAo.Linux.Sockets;

/// <summary>Segments that a socket counted; a connection's begin at zero.</summary>
/// <param name="Good">They verified.</param>
/// <param name="Bad">Their MAC or its length was wrong.</param>
/// <param name="KeyNotFound">Their KeyID named no key.</param>
/// <param name="Required">They were unsigned where they must not be.</param>
/// <param name="DroppedIcmps">ICMP hard errors that were ignored.</param>
public readonly record struct TcpAoCounters(ulong Good, ulong Bad, ulong KeyNotFound, ulong Required, ulong DroppedIcmps);
