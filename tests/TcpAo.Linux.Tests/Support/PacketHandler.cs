using TcpAo.Linux.Netfilter;

namespace TcpAo.Linux.Tests.Support;

/// <summary>Decides on a packet.</summary>
internal delegate void PacketHandler(NfQueuePacket packet);
