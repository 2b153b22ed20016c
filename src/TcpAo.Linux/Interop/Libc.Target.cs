// What is done to another process and its sockets: process_vm_readv(2), process_vm_writev(2), pidfd_open(2), pidfd_getfd(2), pidfd_send_signal(2).
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const uint PIDFD_THREAD = 0x80;
    public const int SOL_TCP = 6;
    public const uint MSG_FASTOPEN = 0x20000000;
    public const int SO_TYPE = 3;
    public const int SO_ERROR = 4;
    public const int SO_PROTOCOL = 38;
    public const int SO_DOMAIN = 39;
    public const int SO_COOKIE = 57;
    public const int SO_NETNS_COOKIE = 71;
    public const int SIOCGSKNS = 0x894C;

    // the same on every architecture
    private const nint PidfdSendSignal = 424;
    private const nint PidfdOpen = 434;
    private const nint PidfdGetfd = 438;

    /// <summary>Copies from another process' memory, piece by piece.</summary>
    /// <returns>Bytes copied, fewer than wanted from the first piece on that cannot be read, or the negated errno.</returns>
    public static nint ReadMemory(int threadId, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount)
    {
        nint count = process_vm_readv(threadId, local, localCount, remote, remoteCount, 0);
        return count >= 0 ? count : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Copies into another process' memory, where that may be written.</summary>
    /// <returns>Bytes copied, or the negated errno.</returns>
    public static nint WriteMemory(int threadId, ulong address, void* source, nuint length)
    {
        IoVector local = new() { Base = source, Length = length };
        IoVector remote = new() { Base = (void*)address, Length = length };
        nint count = process_vm_writev(threadId, &local, 1, &remote, 1, 0);
        return count >= 0 ? count : -Marshal.GetLastPInvokeError();
    }

    /// <summary>A descriptor of a process or, with PIDFD_THREAD, of one of its threads.</summary>
    /// <returns>The descriptor, or the negated errno.</returns>
    public static int OpenPid(int id, uint flags)
    {
        nint descriptor = syscall(PidfdOpen, id, (nint)flags, 0, 0);
        return descriptor >= 0 ? (int)descriptor : -Marshal.GetLastPInvokeError();
    }

    /// <summary>A copy, in this process, of another's descriptor.</summary>
    /// <returns>The descriptor, or the negated errno.</returns>
    public static int TakeDescriptor(int pidDescriptor, int descriptor)
    {
        nint taken = syscall(PidfdGetfd, pidDescriptor, descriptor, 0, 0);
        return taken >= 0 ? (int)taken : -Marshal.GetLastPInvokeError();
    }

    /// <returns>0 or the negated errno.</returns>
    public static int SendSignal(SafeDescriptor process, int signal)
    {
        bool isHeld = false;
        try
        {
            process.DangerousAddRef(ref isHeld);
            return syscall(PidfdSendSignal, process.DangerousGetHandle(), signal, 0, 0) == 0 ? 0 : -Marshal.GetLastPInvokeError();
        }
        finally
        {
            if (isHeld)
            {
                process.DangerousRelease();
            }
        }
    }

    /// <summary>getsockopt on a descriptor that the caller holds open; the length is the room before, and how much of it was filled after.</summary>
    /// <returns>0 or the negated errno.</returns>
    public static int GetOption(int descriptor, int level, int name, void* value, ref uint length)
    {
        uint filled = length;
        int result = getsockopt(descriptor, level, name, value, &filled);
        length = filled;
        return result == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>setsockopt on a descriptor that the caller holds open.</summary>
    /// <returns>0 or the negated errno.</returns>
    public static int SetOption(int descriptor, int level, int name, void* value, uint length) =>
        setsockopt(descriptor, level, name, value, length) == 0 ? 0 : -Marshal.GetLastPInvokeError();

    /// <summary>getsockname or getpeername on a descriptor that the caller holds open.</summary>
    /// <returns>0 or the negated errno.</returns>
    public static int GetName(int descriptor, bool ofPeer, void* address, ref uint length)
    {
        uint filled = length;
        int result = ofPeer ? getpeername(descriptor, address, &filled) : getsockname(descriptor, address, &filled);
        length = filled;
        return result == 0 ? 0 : -Marshal.GetLastPInvokeError();
    }

    /// <summary>bind on a descriptor that the caller holds open.</summary>
    /// <returns>0 or the negated errno.</returns>
    public static int BindName(int descriptor, void* address, uint length) =>
        bind(descriptor, address, length) == 0 ? 0 : -Marshal.GetLastPInvokeError();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int descriptor, int level, int name, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockname(int descriptor, void* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getpeername(int descriptor, void* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int descriptor, void* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_readv(int id, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint process_vm_writev(int id, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int descriptor, int level, int name, void* value, uint* length);
}
