using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct pollfd of poll(2).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public const short POLLIN = 1;
    public const short POLLERR = 8;

    public int Descriptor;
    public short Events;
    public short Returned;
}
