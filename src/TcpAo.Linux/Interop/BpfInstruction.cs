using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>struct sock_filter of linux/filter.h: one instruction of classic BPF.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BpfInstruction
{
    public ushort Code;

    /// <summary>How many instructions a comparison that holds skips.</summary>
    public byte IfTrue;

    /// <summary>How many one that does not hold skips.</summary>
    public byte IfFalse;

    /// <summary>The operand.</summary>
    public uint K;
}
