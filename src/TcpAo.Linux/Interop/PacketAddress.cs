using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct sockaddr_ll of packet(7); its link address is left aside.</summary>
[StructLayout(LayoutKind.Sequential, Size = 20)]
internal struct PacketAddress
{
    public ushort Family;

    /// <summary>In network order.</summary>
    public ushort Protocol;

    public int InterfaceIndex;

    /// <summary>ARPHRD_ of the interface.</summary>
    public ushort HardwareType;

    /// <summary>PACKET_HOST and the like.</summary>
    public byte PacketType;

    public byte AddressLength;
}
