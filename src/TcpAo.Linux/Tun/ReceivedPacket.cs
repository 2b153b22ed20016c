namespace TcpAo.Linux.Tun;

/// <summary>Where a packet that a <see cref="LinkReceiver"/> took lies in its buffer.</summary>
/// <param name="Offset">Its first byte, that of the IP header.</param>
/// <param name="Length">Its length in bytes, with what a link pads behind it; 0 for one that is not to be looked at.</param>
/// <param name="Room">Bytes from its first on that are free to be changed.</param>
/// <param name="Link">Index of the interface that it came by.</param>
public readonly record struct ReceivedPacket(int Offset, int Length, int Room, int Link);
