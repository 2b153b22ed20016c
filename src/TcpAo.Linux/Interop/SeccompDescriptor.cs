using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct seccomp_notif_addfd of linux/seccomp.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SeccompDescriptor
{
    public ulong Id;
    public uint Flags;
    public uint Source;
    public uint Target;
    public uint TargetFlags;
}
