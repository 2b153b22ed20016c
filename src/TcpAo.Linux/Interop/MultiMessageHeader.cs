using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct mmsghdr of recvmmsg(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MultiMessageHeader
{
    public MessageHeader Header;

    /// <summary>Bytes received, or the whole length of the datagram with MSG_TRUNC.</summary>
    public uint Length;
}
