// socket(2), bind(2), getsockname(2), sendmsg(2), recvmsg(2), recvmmsg(2), setsockopt(2), getsockopt(2).
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int AF_NETLINK = 16;
    public const int SOCK_STREAM = 1;
    public const int SOCK_RAW = 3;
    public const int SOCK_CLOEXEC = 0x80000;
    public const int SOL_SOCKET = 1;
    public const int SO_SNDBUF = 7;
    public const int SO_RCVBUF = 8;
    public const int SO_SNDBUFFORCE = 32;
    public const int SO_RCVBUFFORCE = 33;
    public const int MSG_TRUNC = 0x20;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_WAITFORONE = 0x10000;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;

    private const int SO_RCVTIMEO = 20;
    private const int SO_SNDTIMEO = 21;

    /// <summary>Opens a socket that no child inherits.</summary>
    public static SafeDescriptor Socket(int domain, int type, int protocol, string what)
    {
        int descriptor = socket(domain, type | SOCK_CLOEXEC, protocol);
        return descriptor >= 0 ? new SafeDescriptor(descriptor) : throw LinuxException.Last(what);
    }

    public static int Bind(SafeDescriptor descriptor, NetlinkAddress* address) => bind(descriptor, address, (uint)sizeof(NetlinkAddress));

    public static int GetSocketName(SafeDescriptor descriptor, NetlinkAddress* address)
    {
        uint length = (uint)sizeof(NetlinkAddress);
        return getsockname(descriptor, address, &length);
    }

    public static int SetOption(SafeDescriptor descriptor, int level, int name, int value) =>
        setsockopt(descriptor, level, name, &value, sizeof(int));

    public static int GetOption(SafeDescriptor descriptor, int level, int name)
    {
        int value = 0;
        uint length = sizeof(int);
        return getsockopt(descriptor, level, name, &value, &length) == 0 ? value : -1;
    }

    /// <summary>How long receiving waits, -1 without end, 0 for the least that there is.</summary>
    public static int SetReceiveTimeout(SafeDescriptor descriptor, int milliseconds) => SetTimeout(descriptor, SO_RCVTIMEO, milliseconds);

    /// <summary>How long sending waits for room, -1 without end, 0 for the least that there is.</summary>
    public static int SetSendTimeout(SafeDescriptor descriptor, int milliseconds) => SetTimeout(descriptor, SO_SNDTIMEO, milliseconds);

    /// <summary>sendmsg, again after a signal. Negative with the error in the last P/Invoke error.</summary>
    public static nint SendMessage(SafeDescriptor descriptor, MessageHeader* message, int flags)
    {
        nint sent;
        do
        {
            sent = sendmsg(descriptor, message, flags);
        }
        while (sent < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return sent;
    }

    /// <summary>recvmsg, again after a signal. Negative with the error in the last P/Invoke error.</summary>
    public static nint ReceiveMessage(SafeDescriptor descriptor, MessageHeader* message, int flags)
    {
        nint received;
        do
        {
            received = recvmsg(descriptor, message, flags);
        }
        while (received < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return received;
    }

    /// <summary>recvmmsg, again after a signal. Negative with the error in the last P/Invoke error.</summary>
    public static int ReceiveMessages(SafeDescriptor descriptor, MultiMessageHeader* messages, int count, int flags)
    {
        int received;
        do
        {
            received = recvmmsg(descriptor, messages, (uint)count, flags, null);
        }
        while (received < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return received;
    }

    private static int SetTimeout(SafeDescriptor descriptor, int option, int milliseconds)
    {
        const int MicrosecondsOfMillisecond = 1000;
        nint* time = stackalloc nint[2];
        time[0] = milliseconds < 0 ? 0 : milliseconds / MicrosecondsOfMillisecond;
        time[1] = milliseconds < 0 ? 0 : milliseconds % MicrosecondsOfMillisecond * MicrosecondsOfMillisecond;
        return setsockopt(descriptor, SOL_SOCKET, option, time, (uint)(2 * sizeof(nint)));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(SafeDescriptor descriptor, void* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockname(SafeDescriptor descriptor, void* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(SafeDescriptor descriptor, int level, int name, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(SafeDescriptor descriptor, int level, int name, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeDescriptor descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(SafeDescriptor descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int recvmmsg(SafeDescriptor descriptor, MultiMessageHeader* messages, uint count, int flags, void* timeout);
}
