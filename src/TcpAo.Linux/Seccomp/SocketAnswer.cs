using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>What a program gets for a call that it waits in.</summary>
public readonly record struct SocketAnswer
{
    private SocketAnswer(uint flags, int error, int descriptor, uint descriptorFlags = 0)
    {
        Flags = flags;
        Errno = error;
        Descriptor = descriptor;
        DescriptorFlags = descriptorFlags;
    }

    /// <summary>The kernel does the call as if nobody had looked. It reads the arguments anew, so what was looked at may have changed since.</summary>
    public static SocketAnswer Continue => new(Libc.SECCOMP_USER_NOTIF_FLAG_CONTINUE, 0, -1);

    /// <summary>The call returns 0; what it has to hand out is written before (<see cref="SocketCall.WriteValue"/>).</summary>
    public static SocketAnswer Success => new(0, 0, -1);

    /// <summary>Whether the kernel does the call.</summary>
    public bool IsContinue => Flags == Libc.SECCOMP_USER_NOTIF_FLAG_CONTINUE;

    /// <summary>The error that the call fails with, as errno(3) numbers it; 0 for none.</summary>
    public int Errno { get; }

    internal uint Flags { get; }

    /// <summary>A descriptor of this process of which the program gets a copy, whose number the call returns; -1 for none.</summary>
    internal int Descriptor { get; }

    /// <summary>Flags of the program's copy.</summary>
    internal uint DescriptorFlags { get; }

    /// <summary>The call fails.</summary>
    /// <param name="errno">Why, 1 to 4095 as errno(3) numbers it.</param>
    public static SocketAnswer Fail(int errno)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(errno, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(errno, 4095);
        return new SocketAnswer(0, errno, -1);
    }

    /// <summary>The program gets a descriptor of this process, and the call returns its number.</summary>
    /// <param name="descriptor">The descriptor, open until the call is answered.</param>
    /// <param name="closeOnExec">Whether the program's copy is closed when it executes another (O_CLOEXEC).</param>
    public static SocketAnswer Hand(SafeHandle descriptor, bool closeOnExec)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return new SocketAnswer(0, 0, (int)descriptor.DangerousGetHandle(), closeOnExec ? (uint)Libc.O_CLOEXEC : 0);
    }
}
