using System.Globalization;
using System.Text;
using TcpAo.Diagnostics;
using TcpAo.Linux;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Seccomp;

namespace TcpAo.Hosting.Emulation;

/// <summary>
/// Gives programs that open /proc/net/netstat the kernel's file with the counters of TCP-AO that are true for their network namespace (linux-uapi 6). Used on the thread that answers calls.
/// </summary>
/// <param name="planes">The data planes that count.</param>
internal sealed class NetstatFile(SocketPlanes planes)
{
    private const int LongestPath = 64;
    private const int O_CLOEXEC = 0x80000;
    private const string Extension = "TcpExt:";

    private MemoryFile? _handed;

    /// <summary>Answers an open().</summary>
    /// <returns>Null where it is of another file, or one that is not to be had.</returns>
    public SocketAnswer? Open(SocketCall call)
    {
        Span<byte> bytes = stackalloc byte[LongestPath];
        if (call.ReadPart(bytes, out int count) != 0 || bytes[..count].IndexOf((byte)0) is not (> 0 and var length) || OwnPath(bytes[..length], call.ThreadId) is not { } path
            || NetworkNamespace.NameOfThread(call.ThreadId) is not { } name || planes.Find(name) is not { } plane)
        {
            return null;
        }

        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (IOException)
        {
            // the thread is gone
            return null;
        }

        string patched;
        lock (plane.Gate)
        {
            patched = Patch(text, plane.Engine.Counters, plane.CountUnnoticed());
        }

        _handed = MemoryFile.Create("netstat", Encoding.ASCII.GetBytes(patched));
        return SocketAnswer.Hand(_handed.Descriptor, closeOnExec: (call.Option & O_CLOEXEC) != 0);
    }

    /// <summary>The program has its own copy.</summary>
    public void Close()
    {
        _handed?.Dispose();
        _handed = null;
    }

    /// <summary>Puts counters into the text of the file; where it has no such columns they are added.</summary>
    /// <param name="text">The kernel's file.</param>
    /// <param name="counters">The counters.</param>
    /// <param name="hidden">Good segments that are not to be seen yet.</param>
    internal static string Patch(string text, AoCounters counters, ulong hidden)
    {
        (string Name, ulong Value)[] own =
        [
            ("TCPAORequired", counters.Required),
            ("TCPAOBad", counters.Bad),
            ("TCPAOKeyNotFound", counters.KeyNotFound),
            ("TCPAOGood", counters.Good - hidden),
            ("TCPAODroppedIcmps", counters.DroppedIcmps),
        ];
        string[] lines = text.Split('\n');
        int at = Array.FindIndex(lines, line => line.StartsWith(Extension, StringComparison.Ordinal));
        if (at < 0 || at + 1 >= lines.Length)
        {
            return text;
        }

        List<string> names = [.. lines[at].Split(' ')];
        List<string> values = [.. lines[at + 1].Split(' ')];
        foreach ((string name, ulong value) in own)
        {
            string shown = value.ToString(CultureInfo.InvariantCulture);
            int column = names.IndexOf(name);
            if (column < 0)
            {
                names.Add(name);
                values.Add(shown);
            }
            else if (column < values.Count)
            {
                values[column] = shown;
            }
        }

        lines[at] = string.Join(' ', names);
        lines[at + 1] = string.Join(' ', values);
        return string.Join('\n', lines);
    }

    /// <summary>The same file as this process sees it; null where the path is of another one.</summary>
    private static string? OwnPath(ReadOnlySpan<byte> path, int threadId)
    {
        string text = Encoding.UTF8.GetString(path);
        if (string.Equals(text, "/proc/net/netstat", StringComparison.Ordinal))
        {
            return OfThread();
        }

        if (!text.StartsWith("/proc/", StringComparison.Ordinal) || !text.EndsWith("/net/netstat", StringComparison.Ordinal))
        {
            return null;
        }

        string whose = text["/proc/".Length..^"/net/netstat".Length];
        return whose is "self" or "thread-self" || int.TryParse(whose, CultureInfo.InvariantCulture, out int id) && id == threadId ? OfThread() : null;

        string OfThread() => string.Create(CultureInfo.InvariantCulture, $"/proc/{threadId}/net/netstat");
    }
}
