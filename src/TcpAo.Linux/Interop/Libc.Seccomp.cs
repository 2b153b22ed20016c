// seccomp(2), seccomp_unotify(2); numbers of linux/seccomp.h.
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const uint SECCOMP_SET_MODE_FILTER = 1;
    public const uint SECCOMP_GET_NOTIF_SIZES = 3;
    public const uint SECCOMP_FILTER_FLAG_TSYNC = 1;
    public const uint SECCOMP_FILTER_FLAG_NEW_LISTENER = 1 << 3;
    public const uint SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 1 << 4;
    public const uint SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 1 << 5;
    public const uint SECCOMP_RET_ERRNO = 0x00050000;
    public const uint SECCOMP_RET_USER_NOTIF = 0x7fc00000;
    public const uint SECCOMP_RET_ALLOW = 0x7fff0000;
    public const uint SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
    public const ulong SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP = 1;
    public const uint SECCOMP_ADDFD_FLAG_SEND = 2;

    // _IOWR('!', 0, struct seccomp_notif) and so on; those of ID_VALID before Linux 5.17 had the direction wrong
    public const nuint SECCOMP_IOCTL_NOTIF_RECV = 0xC0502100;
    public const nuint SECCOMP_IOCTL_NOTIF_SEND = 0xC0182101;
    public const nuint SECCOMP_IOCTL_NOTIF_ID_VALID = 0x40082102;
    public const nuint SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR = 0x80082102;
    public const nuint SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103;
    public const nuint SECCOMP_IOCTL_NOTIF_SET_FLAGS = 0x40082104;

    /// <summary>The number of seccomp(2).</summary>
    public static nint SeccompNumber => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 317,
        Architecture.Arm64 or Architecture.RiscV64 => 277,
        Architecture other => throw new PlatformNotSupportedException($"The interception of socket calls is not made for {other}; it is for x86-64, arm64 and riscv64."),
    };

    /// <summary>How long the kernel's struct seccomp_notif and struct seccomp_notif_resp are: never shorter than ours.</summary>
    public static (int Notification, int Response) NotificationSizes()
    {
        ushort* sizes = stackalloc ushort[3];
        return syscall(SeccompNumber, (nint)SECCOMP_GET_NOTIF_SIZES, 0, (nint)sizes, 0) == 0
            ? (Math.Max((int)sizes[0], sizeof(SeccompNotification)), Math.Max((int)sizes[1], sizeof(SeccompResponse)))
            : throw LinuxException.Last("This kernel has no seccomp user notification (CONFIG_SECCOMP_FILTER, Linux 5.9).");
    }

    /// <summary>Puts a filter on all threads of this process, which gets NO_NEW_PRIVS.</summary>
    /// <returns>The listener, or the negated errno: ESRCH where a thread has a filter of its own, EBUSY where there is a listener already.</returns>
    public static int FilterThisProcess(BpfProgram* filter)
    {
        const uint Flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH | SECCOMP_FILTER_FLAG_NEW_LISTENER;
        _ = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        int listener = Try(Flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

        // before Linux 5.19 any signal interrupts a call that waits for its answer
        return listener == -Errno.EINVAL ? Try(Flags) : listener;

        int Try(uint flags)
        {
            nint result = syscall(SeccompNumber, (nint)SECCOMP_SET_MODE_FILTER, (nint)flags, (nint)filter, 0);
            return result >= 0 ? (int)result : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>ioctl on a descriptor that the caller holds open.</summary>
    /// <returns>What the kernel returns, or the negated errno.</returns>
    public static int Control(int descriptor, nuint request, void* argument)
    {
        int result = ioctl(descriptor, request, argument);
        return result >= 0 ? result : -Marshal.GetLastPInvokeError();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third, nint fourth);
}
