// unix(7): SCM_RIGHTS, cmsg(3).
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Users;

/// <summary>Passes a descriptor to the process at the other end of a Unix socket, together with one byte.</summary>
public static unsafe class DescriptorPassing
{
    private const int SCM_RIGHTS = 1;

    // struct cmsghdr of 64-bit machines: length, level, type; then one int, aligned to eight
    private const int HeaderLength = 16;
    private const int ControlLength = HeaderLength + 8;

    /// <summary>Sends a copy of a descriptor.</summary>
    /// <param name="socket">A connected Unix socket.</param>
    /// <param name="descriptor">The descriptor.</param>
    /// <exception cref="LinuxException">The other end is gone.</exception>
    public static void Send(Socket socket, SafeHandle descriptor)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(descriptor);
        byte* control = stackalloc byte[ControlLength];
        new Span<byte>(control, ControlLength).Clear();
        *(ulong*)control = HeaderLength + sizeof(int);
        *(int*)(control + 8) = Libc.SOL_SOCKET;
        *(int*)(control + 12) = SCM_RIGHTS;
        *(int*)(control + HeaderLength) = (int)descriptor.DangerousGetHandle();
        byte content = 0;
        IoVector vector = new() { Base = &content, Length = 1 };
        MessageHeader message = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlLength };
        using var held = new SafeDescriptor((int)socket.SafeHandle.DangerousGetHandle());
        try
        {
            if (Libc.SendMessage(held, &message, Libc.MSG_NOSIGNAL) < 0)
            {
                throw LinuxException.Last("A descriptor could not be handed over.");
            }
        }
        finally
        {
            // the socket's own
            held.SetHandleAsInvalid();
            GC.KeepAlive(socket);
            GC.KeepAlive(descriptor);
        }
    }

    /// <summary>Waits for a descriptor.</summary>
    /// <param name="socket">A connected Unix socket.</param>
    /// <returns>The descriptor, which no child inherits; null where the other end is gone or sent none.</returns>
    public static SafeHandle? Receive(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        byte* control = stackalloc byte[ControlLength];
        byte content = 0;
        IoVector vector = new() { Base = &content, Length = 1 };
        MessageHeader message = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlLength };
        using var held = new SafeDescriptor((int)socket.SafeHandle.DangerousGetHandle());
        try
        {
            nint received = Libc.ReceiveMessage(held, &message, Libc.MSG_CMSG_CLOEXEC);
            bool hasOne = received == 1 && message.ControlLength >= HeaderLength + sizeof(int)
                && *(int*)(control + 8) == Libc.SOL_SOCKET && *(int*)(control + 12) == SCM_RIGHTS;
            return hasOne ? new SafeDescriptor(*(int*)(control + HeaderLength)) : null;
        }
        finally
        {
            held.SetHandleAsInvalid();
            GC.KeepAlive(socket);
        }
    }
}
