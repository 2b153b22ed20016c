// mount(2).
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    private const ulong MS_NOSUID = 2;
    private const ulong MS_NODEV = 4;
    private const ulong MS_BIND = 4096;

    /// <summary>Puts an empty file system in memory over a folder.</summary>
    public static void MountMemory(string path, string options, string what)
    {
        if (mount("tcpao", path, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
        {
            throw LinuxException.Last(what);
        }
    }

    /// <summary>Shows a file or folder at another place too.</summary>
    public static void MountBind(string source, string target, string what)
    {
        if (mount(source, target, "none", MS_BIND, string.Empty) < 0)
        {
            throw LinuxException.Last(what);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, ulong flags, string data);
}
