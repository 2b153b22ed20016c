// seccomp(2) and posix_spawn(3) on one thread: a filter is the calling thread's, and a child inherits it.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    private const int PR_SET_NO_NEW_PRIVS = 38;
    private const int POSIX_SPAWN_SETSIGDEF = 4;

    // posix_spawnattr_t has 336 bytes in both C libraries, sigset_t 128
    private const int SpawnAttributesLength = 1024;
    private const int SignalSetLength = 128;

    /// <summary>Looks up what <see cref="LaunchFiltered"/> calls.</summary>
    public static void Resolve(LaunchRequest* request)
    {
        nint library = NativeLibrary.Load("libc", typeof(Libc).Assembly, searchPath: null);
        request->SystemCall = (delegate* unmanaged<nint, nint, nint, nint, nint, nint>)NativeLibrary.GetExport(library, "syscall");
        request->Prctl = (delegate* unmanaged<int, nint, nint, nint, nint, int>)NativeLibrary.GetExport(library, "prctl");
        request->Spawn = (delegate* unmanaged<int*, byte*, void*, void*, byte**, byte**, int>)NativeLibrary.GetExport(library, "posix_spawn");
        request->ErrorLocation = (delegate* unmanaged<int*>)NativeLibrary.GetExport(library, "__errno_location");
        request->SeccompNumber = SeccompNumber;
    }

    /// <summary>The environment of this process as it got it, byte by byte.</summary>
    public static byte** NativeEnvironment()
    {
        nint library = NativeLibrary.Load("libc", typeof(Libc).Assembly, searchPath: null);
        return *(byte***)NativeLibrary.GetExport(library, "environ");
    }

    /// <summary>Attributes of a child in which a signal has its default disposition again.</summary>
    /// <returns>To be given to <see cref="FreeSpawnAttributes"/>.</returns>
    public static void* SpawnAttributes(int defaultSignal)
    {
        byte* attributes = (byte*)NativeMemory.AllocZeroed(SpawnAttributesLength);
        byte* signals = stackalloc byte[SignalSetLength];
        new Span<byte>(signals, SignalSetLength).Clear();
        *(ulong*)signals = 1UL << (defaultSignal - 1);
        _ = posix_spawnattr_init(attributes);
        _ = posix_spawnattr_setsigdefault(attributes, signals);
        _ = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
        return attributes;
    }

    public static void FreeSpawnAttributes(void* attributes)
    {
        _ = posix_spawnattr_destroy(attributes);
        NativeMemory.Free(attributes);
    }

    /// <summary>
    /// Puts a filter on the calling thread, for as long as that lives, and starts a program under it. The thread has to end right after.
    /// </summary>
    /// <remarks>
    /// A thread that this one made would have the filter too, and the runtime makes threads where code runs for the first time (the one that
    /// compiles in the background). So nothing managed is called here: native functions by their addresses alone, in code compiled once for good.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void LaunchFiltered(LaunchRequest* request)
    {
        uint flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
        bool hasNoNewPrivileges = false;
        request->SpawnError = Errno.EINVAL;
        if (request->AlwaysNoNewPrivileges != 0)
        {
            _ = request->Prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            hasNoNewPrivileges = true;
        }

        while (true)
        {
            nint listener = request->SystemCall(request->SeccompNumber, (nint)SECCOMP_SET_MODE_FILTER, (nint)flags, (nint)request->Filter, 0);
            if (listener >= 0)
            {
                request->Listener = (int)listener;
                break;
            }

            int error = *request->ErrorLocation();
            if (error == Errno.EACCES && !hasNoNewPrivileges)
            {
                _ = request->Prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
                hasNoNewPrivileges = true;
            }
            else if (error == Errno.EINVAL && (flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) != 0)
            {
                // before Linux 5.19 any signal interrupts a call that waits for its answer
                flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
            }
            else
            {
                request->FilterError = error;
                return;
            }
        }

        // as execvp(3) goes along PATH: what may not be executed is remembered, what is not there is passed over
        int refused = 0;
        int last = Errno.ENOENT;
        int processId = 0;
        for (byte** candidate = request->Candidates; *candidate != null; candidate++)
        {
            last = request->Spawn(&processId, *candidate, null, request->Attributes, request->Arguments, request->Environment);
            if (last == Errno.ENOEXEC)
            {
                request->ShellArguments[1] = *candidate;
                last = request->Spawn(&processId, request->Shell, null, request->Attributes, request->ShellArguments, request->Environment);
            }

            if (last == Errno.EACCES)
            {
                refused = last;
            }
            else if (last is not (Errno.ENOENT or Errno.ENOTDIR))
            {
                break;
            }
        }

        request->ProcessId = processId;
        request->SpawnError = last is Errno.ENOENT or Errno.ENOTDIR && refused != 0 ? refused : last;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int posix_spawnattr_init(void* attributes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int posix_spawnattr_destroy(void* attributes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int posix_spawnattr_setflags(void* attributes, short flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int posix_spawnattr_setsigdefault(void* attributes, void* signals);
}
