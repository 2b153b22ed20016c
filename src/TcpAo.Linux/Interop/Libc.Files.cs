// open(2), close(2), memfd_create(2), pwrite(2), poll(2), eventfd(2).
using System.Runtime.InteropServices;

namespace TcpAo.Linux.Interop;

internal static unsafe partial class Libc
{
    public const int O_RDONLY = 0;
    public const int O_CLOEXEC = 0x80000;
    public const int EFD_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = 0x800;
    private const uint MFD_CLOEXEC = 1;

    public static SafeDescriptor Open(string path, int flags, string what)
    {
        int descriptor = open(path, flags | O_CLOEXEC);
        return descriptor >= 0 ? new SafeDescriptor(descriptor) : throw LinuxException.Last(what);
    }

    /// <summary>Not repeated after EINTR: Linux has closed the descriptor by then.</summary>
    public static int Close(int descriptor) => close(descriptor);

    /// <summary>A counter that poll sees and any thread may raise.</summary>
    public static SafeDescriptor EventDescriptor()
    {
        int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        return descriptor >= 0 ? new SafeDescriptor(descriptor) : throw LinuxException.Last("eventfd failed; raise the limit of open files.");
    }

    public static void Raise(SafeDescriptor eventDescriptor)
    {
        ulong one = 1;
        _ = write(eventDescriptor, &one, sizeof(ulong));
    }

    /// <summary>Sets the counter to zero.</summary>
    public static void Lower(SafeDescriptor eventDescriptor)
    {
        ulong count;
        var vector = new IoVector { Base = &count, Length = sizeof(ulong) };
        _ = readv(eventDescriptor, &vector, 1);
    }

    /// <summary>poll, again after a signal, with the whole timeout again. -1 waits without end.</summary>
    /// <returns>How many descriptors are ready, 0 after the timeout.</returns>
    public static int Poll(PollDescriptor* descriptors, int count, int timeoutMilliseconds)
    {
        int ready;
        do
        {
            ready = poll(descriptors, (nuint)count, timeoutMilliseconds);
        }
        while (ready < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);
        return ready >= 0 ? ready : throw LinuxException.Last("poll failed.");
    }

    /// <summary>A file in memory with some contents, read from its start.</summary>
    /// <param name="name">What /proc shows of it.</param>
    /// <param name="contents">The contents.</param>
    public static SafeDescriptor FileInMemory(string name, ReadOnlySpan<byte> contents)
    {
        int descriptor = memfd_create(name, MFD_CLOEXEC);
        if (descriptor < 0)
        {
            throw LinuxException.Last("Could not make a file in memory.");
        }

        var file = new SafeDescriptor(descriptor);
        fixed (byte* bytes = contents)
        {
            nint written = pwrite(file, bytes, (nuint)contents.Length, 0);
            if (written != contents.Length)
            {
                LinuxException error = LinuxException.Last("Could not write a file in memory.");
                file.Dispose();
                throw error;
            }
        }

        return file;
    }

    /// <summary>Waits until the descriptor can be read.</summary>
    /// <returns>False after the timeout.</returns>
    public static bool WaitReadable(SafeDescriptor descriptor, int timeoutMilliseconds)
    {
        bool isHeld = false;
        try
        {
            descriptor.DangerousAddRef(ref isHeld);
            PollDescriptor poll = new() { Descriptor = (int)descriptor.DangerousGetHandle(), Events = PollDescriptor.POLLIN };
            return Poll(&poll, 1, timeoutMilliseconds) > 0;
        }
        finally
        {
            if (isHeld)
            {
                descriptor.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwrite(SafeDescriptor descriptor, void* buffer, nuint length, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeDescriptor descriptor, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);
}
