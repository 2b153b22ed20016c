using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct seccomp_notif_resp of linux/seccomp.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SeccompResponse
{
    public ulong Id;
    public long Value;

    /// <summary>Zero or a negated errno.</summary>
    public int Error;

    public uint Flags;
}
