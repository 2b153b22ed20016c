// mount_namespaces(7), tmpfs(5).
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Namespaces;

/// <summary>The mount namespace of this process.</summary>
public static class MountNamespace
{
    /// <summary>
    /// Puts an empty file system in memory over a folder. In a mount namespace of the process's own nobody else sees it, and it is gone with the last
    /// process of that namespace, whatever ends it.
    /// </summary>
    /// <param name="path">The folder; what it held is hidden.</param>
    /// <exception cref="LinuxException">CAP_SYS_ADMIN is missing, or there is no such folder.</exception>
    public static void MountMemory(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Libc.MountMemory(path, "mode=0755", $"Could not mount a file system in memory at {path}.");
    }
}
