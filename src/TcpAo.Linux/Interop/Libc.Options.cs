// setsockopt(2), getsockopt(2) on sockets of .NET: Socket.SetRawSocketOption loses the errors that it has no name for, and these options answer with them.
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const int IPPROTO_TCP = 6;

    /// <summary>setsockopt at level IPPROTO_TCP.</summary>
    /// <returns>0, or the error as errno(3) numbers it.</returns>
    public static int SetTcpOption(SafeHandle socket, int name, ReadOnlySpan<byte> value)
    {
        fixed (byte* bytes = value)
        {
            return setsockopt(socket, IPPROTO_TCP, name, bytes, (uint)value.Length) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>getsockopt at level IPPROTO_TCP. The value is read as well as written.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="name">The option.</param>
    /// <param name="value">The memory that the kernel gets.</param>
    /// <param name="length">The length that it is told.</param>
    /// <returns>0, or the error as errno(3) numbers it.</returns>
    public static int GetTcpOption(SafeHandle socket, int name, Span<byte> value, int length)
    {
        uint told = (uint)length;
        fixed (byte* bytes = value)
        {
            return getsockopt(socket, IPPROTO_TCP, name, bytes, &told) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(SafeHandle socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(SafeHandle socket, int level, int name, void* value, uint* length);
}
