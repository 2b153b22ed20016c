using System.Globalization;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// Copies descriptors out of stopped threads. It keeps descriptors of the last threads. One of a thread that ended answers ESRCH whoever has its number now, so it never leads to another.
/// </summary>
internal sealed class TargetThread : IDisposable
{
    private const uint WholeProcess = 0;
    private const int MaxKept = 64;

    private readonly Dictionary<int, int> _kept = [];

    /// <summary>Copies a descriptor of a thread that waits in a call.</summary>
    /// <param name="threadId">The thread's number.</param>
    /// <param name="descriptor">The descriptor's number there.</param>
    /// <param name="isCertain">
    /// Whether it is the thread's: one that had this number before the call, and has it now, is the one that called. Otherwise the caller has to see that the call still waits.
    /// </param>
    /// <returns>The copy, or the negated errno: EBADF where the thread has none with this number, EPERM where this process has no right to it.</returns>
    public int Take(int threadId, int descriptor, out bool isCertain)
    {
        isCertain = true;
        if (_kept.TryGetValue(threadId, out int kept))
        {
            int taken = Libc.TakeDescriptor(kept, descriptor);
            if (taken != -Errno.ESRCH)
            {
                return taken;
            }

            _ = Libc.Close(kept);
            _kept.Remove(threadId);
        }

        isCertain = false;
        int opened = Libc.OpenPid(threadId, Libc.PIDFD_THREAD);
        if (opened == -Errno.EINVAL)
        {
            return TakeFromProcess(threadId, descriptor);
        }

        if (opened < 0)
        {
            return opened;
        }

        if (_kept.Count >= MaxKept)
        {
            Dispose();
        }

        _kept.Add(threadId, opened);
        return Libc.TakeDescriptor(opened, descriptor);
    }

    public void Dispose()
    {
        foreach (int descriptor in _kept.Values)
        {
            _ = Libc.Close(descriptor);
        }

        _kept.Clear();
    }

    /// <summary>The effective capabilities of a thread, a bit each; null when it is gone.</summary>
    public static ulong? ReadCapabilities(int threadId) =>
        ulong.TryParse(ReadStatus(threadId, "CapEff:"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong set) ? set : null;

    /// <summary>Before Linux 6.9 there are descriptors of processes only, and threads that do not share their descriptors are not served. Not kept: the thread's number may go to another process.</summary>
    private static int TakeFromProcess(int threadId, int descriptor)
    {
        int opened = ReadProcessId(threadId) is int processId ? Libc.OpenPid(processId, WholeProcess) : -Errno.ESRCH;
        if (opened < 0)
        {
            return opened;
        }

        int taken = Libc.TakeDescriptor(opened, descriptor);
        _ = Libc.Close(opened);
        return taken;
    }

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
