// seccomp_unotify(2): the listener that a filter with SECCOMP_RET_USER_NOTIF has.
using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>Where the kernel tells of calls that wait for an answer. One thread receives and answers.</summary>
internal sealed unsafe class SeccompListener : IDisposable
{
    private readonly SeccompNotification* _notification;
    private readonly SeccompResponse* _response;
    private readonly byte[] _notificationBuffer;
    private readonly byte[] _responseBuffer;
    private SafeDescriptor? _handle;
    private int _descriptor = -1;
    private nuint _isValid;

    /// <summary>Makes one without a descriptor. What can fail does so here, before a program depends on answers.</summary>
    /// <exception cref="LinuxException">The kernel has no user notification.</exception>
    public SeccompListener()
    {
        (int notification, int response) = Libc.NotificationSizes();

        // pinned for good, and freed with this object: a late call of a handler must not find freed memory
        _notificationBuffer = GC.AllocateArray<byte>(notification, pinned: true);
        _responseBuffer = GC.AllocateArray<byte>(response, pinned: true);
        _notification = (SeccompNotification*)Marshal.UnsafeAddrOfPinnedArrayElement(_notificationBuffer, 0);
        _response = (SeccompResponse*)Marshal.UnsafeAddrOfPinnedArrayElement(_responseBuffer, 0);
    }

    /// <summary>Whether <see cref="Receive"/> returns when nobody is left under the filter; before Linux 6.11 only <see cref="Wait"/> does.</summary>
    public static bool EndsByItself { get; } = Environment.OSVersion.Version >= new Version(6, 11);

    /// <summary>Takes the descriptor over.</summary>
    public void Take(int descriptor)
    {
        _handle = new SafeDescriptor(descriptor);
        _descriptor = descriptor;

        // the answer wakes the program on this CPU: a third of the time; before Linux 6.6 it is refused, and nothing is lost
        _ = Libc.Control(descriptor, Libc.SECCOMP_IOCTL_NOTIF_SET_FLAGS, (void*)Libc.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);

        // no call has this id: the right number says so, an unknown one is EINVAL
        ulong none = 0;
        _isValid = Libc.Control(descriptor, Libc.SECCOMP_IOCTL_NOTIF_ID_VALID, &none) == -Errno.ENOENT
            ? Libc.SECCOMP_IOCTL_NOTIF_ID_VALID
            : Libc.SECCOMP_IOCTL_NOTIF_ID_VALID_WRONG_DIR;
    }

    /// <summary>Waits for a call.</summary>
    /// <param name="stop">Readable when there is to be no more waiting.</param>
    /// <returns>False when asked to stop, or when nobody is left under the filter.</returns>
    public bool Wait(SafeDescriptor stop)
    {
        PollDescriptor* poll = stackalloc PollDescriptor[2];
        poll[0] = new() { Descriptor = _descriptor, Events = PollDescriptor.POLLIN };
        poll[1] = new() { Descriptor = (int)stop.DangerousGetHandle(), Events = PollDescriptor.POLLIN };
        _ = Libc.Poll(poll, 2, -1);
        return poll[1].Returned == 0 && (poll[0].Returned & PollDescriptor.POLLIN) != 0;
    }

    /// <summary>Takes the next call, and waits for one where there is none.</summary>
    /// <returns>The call, valid until the next one, or null: it is gone already, or nobody is left.</returns>
    /// <exception cref="LinuxException">The listener does not work.</exception>
    public SeccompNotification* Receive()
    {
        _notificationBuffer.AsSpan().Clear();
        int result = Libc.Control(_descriptor, Libc.SECCOMP_IOCTL_NOTIF_RECV, _notification);
        return result switch
        {
            >= 0 => _notification,
            -Errno.EINTR or -Errno.ENOENT => null,
            _ => throw new LinuxException(-result, "The calls of a supervised program could not be received."),
        };
    }

    /// <summary>Whether the thread still waits in the call: if so, its number was its own all the time until now.</summary>
    public bool IsValid(ulong id) => Libc.Control(_descriptor, _isValid, &id) == 0;

    /// <summary>Ends a call.</summary>
    /// <returns>False when nobody waits for it any more.</returns>
    public bool Answer(ulong id, in SocketAnswer answer)
    {
        if (answer.Descriptor >= 0)
        {
            SeccompDescriptor handed = new() { Id = id, Flags = Libc.SECCOMP_ADDFD_FLAG_SEND, Source = (uint)answer.Descriptor, TargetFlags = answer.DescriptorFlags };
            return Libc.Control(_descriptor, Libc.SECCOMP_IOCTL_NOTIF_ADDFD, &handed) >= 0;
        }

        _responseBuffer.AsSpan().Clear();
        *_response = new SeccompResponse { Id = id, Error = -answer.Errno, Flags = answer.Flags };
        int result;
        do
        {
            result = Libc.Control(_descriptor, Libc.SECCOMP_IOCTL_NOTIF_SEND, _response);
        }
        while (result == -Errno.EINTR);
        return result == 0;
    }

    /// <summary>Closes the descriptor: calls that wait, and later ones, fail with ENOSYS.</summary>
    public void Dispose() => _handle?.Dispose();
}
