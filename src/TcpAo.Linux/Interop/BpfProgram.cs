using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct sock_fprog of linux/filter.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct BpfProgram
{
    public ushort Length;
    public BpfInstruction* Instructions;
}
