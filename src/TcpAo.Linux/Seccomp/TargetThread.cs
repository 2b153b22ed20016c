using System.Globalization;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// Copies descriptors out of stopped threads. It keeps a descriptor of the last thread: most calls come from the one before. One of a thread that ended
/// answers ESRCH whoever has its number now, so it never leads to another.
/// </summary>
internal sealed class TargetThread : IDisposable
{
    private const uint WholeProcess = 0;

    private int _threadId;
    private int _pidDescriptor = -1;

    /// <summary>Copies a descriptor of a thread that waits in a call.</summary>
    /// <returns>The copy, or the negated errno: EBADF where the thread has none with this number, EPERM where this process has no right to it.</returns>
    public int Take(int threadId, int descriptor)
    {
        if (threadId == _threadId && _pidDescriptor >= 0)
        {
            int taken = Libc.TakeDescriptor(_pidDescriptor, descriptor);
            if (taken != -Errno.ESRCH)
            {
                return taken;
            }
        }

        Dispose();
        int opened = Libc.OpenPid(threadId, Libc.PIDFD_THREAD);
        if (opened == -Errno.EINVAL)
        {
            // before Linux 6.9 processes only; threads that do not share their descriptors are not served there
            opened = ReadProcessId(threadId) is int processId ? Libc.OpenPid(processId, WholeProcess) : -Errno.ESRCH;
        }

        if (opened < 0)
        {
            return opened;
        }

        _threadId = threadId;
        _pidDescriptor = opened;
        return Libc.TakeDescriptor(opened, descriptor);
    }

    public void Dispose()
    {
        if (_pidDescriptor >= 0)
        {
            _ = Libc.Close(_pidDescriptor);
            _pidDescriptor = -1;
        }
    }

    /// <summary>The effective capabilities of a thread, a bit each; null when it is gone.</summary>
    public static ulong? ReadCapabilities(int threadId) =>
        ulong.TryParse(ReadStatus(threadId, "CapEff:"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong set) ? set : null;

    private static int? ReadProcessId(int threadId) => int.TryParse(ReadStatus(threadId, "Tgid:"), CultureInfo.InvariantCulture, out int id) ? id : null;

    private static string? ReadStatus(int threadId, string name)
    {
        try
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{threadId}/status");
            return File.ReadLines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
