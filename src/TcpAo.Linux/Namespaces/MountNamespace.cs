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

    /// <summary>Shows a file or folder in the place of another, for the processes of this mount namespace.</summary>
    /// <param name="source">What is shown.</param>
    /// <param name="target">Where; what was there is hidden.</param>
    /// <exception cref="LinuxException">CAP_SYS_ADMIN is missing, or one of the two does not exist.</exception>
    public static void Bind(string source, string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(target);
        Libc.MountBind(source, target, $"Could not show {source} at {target}.");
    }
}
