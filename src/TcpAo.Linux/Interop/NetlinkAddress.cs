using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct sockaddr_nl of netlink(7).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAddress
{
    public ushort Family;
    public ushort Padding;
    public uint PortId;
    public uint Groups;
}
