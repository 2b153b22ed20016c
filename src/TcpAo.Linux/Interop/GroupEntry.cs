using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct group of grp.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GroupEntry
{
    public byte* Name;
    public byte* Password;
    public uint Number;
    public byte** Members;
}
