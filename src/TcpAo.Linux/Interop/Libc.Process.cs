// waitid(2), prlimit(2), sigaction(2), prctl(2), tcgetpgrp(3).
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const int SIGPIPE = 13;
    public const int SIGCHLD = 17;
    private const int P_ALL = 0;
    private const int P_PID = 1;
    private const int WEXITED = 4;
    private const int CLD_EXITED = 1;
    private const int RLIMIT_CORE = 4;
    private const int RLIMIT_NOFILE = 7;
    private const int PR_GET_DUMPABLE = 3;
    private const int PR_SET_DUMPABLE = 4;
    private const int PR_SET_CHILD_SUBREAPER = 36;
    public const int O_RDWR = 2;
    private const int O_NOCTTY = 0x100;

    // siginfo_t of a child on 64-bit machines
    private const int SigInfoLength = 128;
    private const int SigInfoCode = 8;
    private const int SigInfoPid = 16;
    private const int SigInfoStatus = 24;

    // struct sigaction begins with the handler
    private const int SigActionLength = 256;
    private const nint SIG_IGN = 1;

    /// <summary>Waits for the end of a child and removes it; of any child for 0.</summary>
    /// <param name="processId">The child, or 0.</param>
    /// <param name="code">Its exit code, or 128 and the number of the signal that ended it.</param>
    /// <returns>Which one ended, 0 when there is none to wait for.</returns>
    public static int WaitForExit(int processId, out int code)
    {
        byte* info = stackalloc byte[SigInfoLength];
        new Span<byte>(info, SigInfoLength).Clear();
        int result;
        do
        {
            result = waitid(processId == 0 ? P_ALL : P_PID, (uint)processId, info, WEXITED);
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        int status = *(int*)(info + SigInfoStatus);
        code = *(int*)(info + SigInfoCode) == CLD_EXITED ? status : 128 + status;
        return result == 0 ? *(int*)(info + SigInfoPid) : 0;
    }

    /// <summary>How many files a process may have open, soft and hard limit; 0 for this one.</summary>
    /// <returns>False where it cannot be read.</returns>
    public static bool TryGetFileLimit(int processId, out (ulong Soft, ulong Hard) limit)
    {
        ulong* both = stackalloc ulong[2];
        bool isRead = prlimit(processId, RLIMIT_NOFILE, null, both) == 0;
        limit = isRead ? (both[0], both[1]) : default;
        return isRead;
    }

    public static void SetFileLimit((ulong Soft, ulong Hard) limit)
    {
        ulong* both = stackalloc ulong[] { limit.Soft, limit.Hard };
        _ = prlimit(0, RLIMIT_NOFILE, both, null);
    }

    /// <summary>No core file, and no reading of this process' memory by others of the same user.</summary>
    /// <returns>False where the kernel refused.</returns>
    public static bool ForbidDumps()
    {
        ulong* none = stackalloc ulong[] { 0, 0 };
        bool isLimited = prlimit(0, RLIMIT_CORE, none, null) == 0;

        // a core_pattern that is a pipe pays no heed to the limit
        return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && isLimited;
    }

    /// <summary>Whether the kernel may write a core of this process.</summary>
    public static bool MayBeDumped() => prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;

    /// <summary>Whether this process ignores a signal, as it does under nohup(1).</summary>
    public static bool IsIgnored(int signal)
    {
        byte* action = stackalloc byte[SigActionLength];
        return sigaction(signal, null, action) == 0 && *(nint*)action == SIG_IGN;
    }

    /// <summary>Gives a signal its default disposition.</summary>
    public static void SetDefault(int signal)
    {
        byte* action = stackalloc byte[SigActionLength];
        new Span<byte>(action, SigActionLength).Clear();
        _ = sigaction(signal, action, null);
    }

    /// <summary>From now on this process is the parent of its descendants' orphans.</summary>
    public static void AdoptOrphans() => _ = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

    public static int ParentId() => getppid();

    /// <summary>Whether a process is in the process group of this one, and that group has the terminal: its keys' signals go to both.</summary>
    public static bool SharesForeground(int processId)
    {
        int group = getpgrp();
        if (getpgid(processId) != group)
        {
            return false;
        }

        int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (terminal < 0)
        {
            return false;
        }

        bool isForeground = tcgetpgrp(terminal) == group;
        _ = Close(terminal);
        return isForeground;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitid(int type, uint id, void* info, int options);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prlimit(int processId, int resource, void* value, void* old);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sigaction(int signal, void* action, void* old);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nint first, nint second, nint third, nint fourth);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getppid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getpgrp();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getpgid(int processId);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcgetpgrp(int descriptor);
}
