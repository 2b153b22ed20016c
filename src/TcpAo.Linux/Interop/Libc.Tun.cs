// The TUN device: Documentation/networking/tuntap.rst, linux/if_tun.h; readv(2), writev(2).
using System.Runtime.InteropServices;
using System.Text;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const int O_NONBLOCK = 0x800;
    public const short IFF_TUN = 0x0001;
    public const short IFF_NO_PI = 0x1000;
    public const short IFF_VNET_HDR = 0x4000;
    public const nuint TUN_F_CSUM = 1;
    public const nuint TUN_F_TSO4 = 2;
    public const nuint TUN_F_TSO6 = 4;
    public const nuint TUN_F_TSO_ECN = 8;

    private const nuint TUNSETIFF = 0x400454CA;
    private const nuint TUNSETOFFLOAD = 0x400454D0;

    /// <summary>Makes the device that a descriptor of /dev/net/tun stands for, in the namespace that the thread is in.</summary>
    public static void MakeTun(SafeDescriptor descriptor, string name, short flags, string what)
    {
        byte* request = stackalloc byte[RequestLength];
        new Span<byte>(request, RequestLength).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, InterfaceNameLength - 1));
        *(short*)(request + InterfaceNameLength) = flags;
        if (ioctl(descriptor, TUNSETIFF, request) < 0)
        {
            throw LinuxException.Last(what);
        }
    }

    /// <summary>Says what the reader of the device does itself: TUN_F_.</summary>
    public static void SetTunOffload(SafeDescriptor descriptor, nuint features, string what)
    {
        if (ioctl(descriptor, TUNSETOFFLOAD, (void*)features) < 0)
        {
            throw LinuxException.Last(what);
        }
    }

    /// <summary>readv, again after a signal. Negative with the error in the last P/Invoke error.</summary>
    public static nint Read(SafeDescriptor descriptor, IoVector* vectors, int count)
    {
        nint received;
        do
        {
            received = readv(descriptor, vectors, count);
        }
        while (received < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return received;
    }

    /// <summary>writev, again after a signal. Negative with the error in the last P/Invoke error.</summary>
    public static nint Write(SafeDescriptor descriptor, IoVector* vectors, int count)
    {
        nint written;
        do
        {
            written = writev(descriptor, vectors, count);
        }
        while (written < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return written;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint readv(SafeDescriptor descriptor, IoVector* vectors, int count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint writev(SafeDescriptor descriptor, IoVector* vectors, int count);
}
