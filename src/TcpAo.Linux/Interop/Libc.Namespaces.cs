// unshare(2), setns(2): both change the calling thread only.
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const int CLONE_NEWNET = 0x40000000;

    public static void Unshare(int flags, string what)
    {
        if (unshare(flags) < 0)
        {
            throw LinuxException.Last(what);
        }
    }

    public static void SetNamespace(SafeDescriptor descriptor, int type, string what)
    {
        if (setns(descriptor, type) < 0)
        {
            throw LinuxException.Last(what);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeDescriptor descriptor, int type);
}
