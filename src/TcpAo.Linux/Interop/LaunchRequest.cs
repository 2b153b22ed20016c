using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

/// <summary>What <see cref="Libc.LaunchFiltered"/> needs, all of it resolved and in unmanaged memory, and what came of it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LaunchRequest
{
    public delegate* unmanaged<nint, nint, nint, nint, nint, nint> SystemCall;
    public delegate* unmanaged<int, nint, nint, nint, nint, int> Prctl;
    public delegate* unmanaged<int*, byte*, void*, void*, byte**, byte**, int> Spawn;
    public delegate* unmanaged<int*> ErrorLocation;
    public nint SeccompNumber;
    public BpfProgram* Filter;

    /// <summary>Non-zero: NO_NEW_PRIVS also where the kernel would do without.</summary>
    public int AlwaysNoNewPrivileges;

    /// <summary>Paths to try in their order, up to a null.</summary>
    public byte** Candidates;

    public byte** Arguments;

    /// <summary>Arguments of /bin/sh for a script without an interpreter line; the path goes into the second.</summary>
    public byte** ShellArguments;

    public byte* Shell;
    public byte** Environment;

    /// <summary>posix_spawnattr_t.</summary>
    public void* Attributes;

    /// <summary>The listener, -1 without one.</summary>
    public int Listener;

    /// <summary>Why there is no listener.</summary>
    public int FilterError;

    public int ProcessId;

    /// <summary>Why there is no process; 0 when there is one.</summary>
    public int SpawnError;
}
