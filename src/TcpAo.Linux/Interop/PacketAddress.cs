using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct sockaddr_ll of packet(7), as bind(2) needs it; the rest stays zero.</summary>
[StructLayout(LayoutKind.Sequential, Size = 20)]
internal struct PacketAddress
{
    public ushort Family;

    /// <summary>In network order.</summary>
    public ushort Protocol;

    public int InterfaceIndex;
}
