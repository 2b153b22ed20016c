using TcpAo.Linux.Interop;

namespace TcpAo.Linux;

/// <summary>Core dumps of this process, which would hold its keys.</summary>
public static class CoreDumps
{
    /// <summary>Whether the kernel may write a core of this process, or let others of its user read its memory.</summary>
    public static bool AreAllowed => Libc.MayBeDumped();

    /// <summary>
    /// Turns them off for good: RLIMIT_CORE is 0, and the process is not dumpable (prctl(2), PR_SET_DUMPABLE), which also keeps debuggers of the same user
    /// away. A program that it starts is dumpable again, but has the limit.
    /// </summary>
    /// <returns>False where the kernel refused.</returns>
    public static bool Forbid() => Libc.ForbidDumps();
}
