using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct seccomp_notif of linux/seccomp.h, with struct seccomp_data in it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SeccompNotification
{
    public ulong Id;

    /// <summary>The thread that waits in the call, as this process' pid namespace numbers it; 0 where it is not seen from there.</summary>
    public uint ThreadId;

    public uint Flags;
    public int Number;
    public uint Architecture;
    public ulong InstructionPointer;
    public fixed ulong Arguments[6];
}
