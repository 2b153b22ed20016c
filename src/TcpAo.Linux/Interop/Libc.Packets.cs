// packet(7).
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const int AF_PACKET = 17;
    public const int SOL_PACKET = 263;
    public const int PACKET_VNET_HDR = 15;
    public const int PACKET_IGNORE_OUTGOING = 23;

    /// <summary>ETH_P_ALL in network order.</summary>
    public const ushort AllProtocols = 0x0300;

    public static int Bind(SafeDescriptor descriptor, PacketAddress* address) => bind(descriptor, address, (uint)sizeof(PacketAddress));
}
