using System.Net.Sockets;
using System.Text;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// What <c>tcpao exec</c>, or a program that does without it, and a running <c>tcpao run</c> say to each other on a Unix socket: one line each way, then the listener of the program's calls.
/// </summary>
public static class ProgramLink
{
    /// <summary>What the answer begins with where the listener may come.</summary>
    public const string Welcome = "ok";

    private const string Version = "tcpao-exec/1";
    private const int LongestLine = 512;

    /// <summary>Where the socket is: beside the state file.</summary>
    /// <param name="statePath">The state file of <c>tcpao run</c>.</param>
    public static string PathBeside(string statePath) => Path.ChangeExtension(statePath, ".exec");

    /// <summary>Where it is for a <c>tcpao run</c> of the calling thread's network namespace, unless that was told otherwise.</summary>
    public static string DefaultPath()
    {
        // net:[4026531840]
        string space = File.ResolveLinkTarget("/proc/thread-self/ns/net", returnFinalTarget: false)?.Name ?? string.Empty;
        return PathBeside($"/run/tcpao/{new string([.. space.Where(char.IsAsciiDigit)])}.state");
    }

    /// <summary>What a program asks for.</summary>
    public static string Ask(bool showsCounters, bool queuedFollow) => $"{Version}{(showsCounters ? " counters" : "")}{(queuedFollow ? " queued-follow" : "")}";

    /// <summary>Reads what a program asks for.</summary>
    /// <returns>Null where it is of another version.</returns>
    public static (bool ShowsCounters, bool QueuedFollow)? ReadAsked(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string[] words = line.Split(' ');
        return string.Equals(words[0], Version, StringComparison.Ordinal) ? (words.Contains("counters"), words.Contains("queued-follow")) : null;
    }

    /// <summary>Writes a line.</summary>
    /// <exception cref="SocketException">The other end is gone.</exception>
    public static void WriteLine(Socket socket, string line)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes($"{line}\n");
        while (!rest.IsEmpty)
        {
            rest = rest[socket.Send(rest)..];
        }
    }

    /// <summary>Reads a line, byte by byte: what follows it is none of a line.</summary>
    /// <returns>Null where the other end is gone, or goes on too long.</returns>
    /// <exception cref="SocketException">It took too long.</exception>
    public static string? ReadLine(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Span<byte> bytes = stackalloc byte[LongestLine];
        for (int length = 0; length < bytes.Length; length++)
        {
            if (socket.Receive(bytes.Slice(length, 1)) == 0)
            {
                return null;
            }

            if (bytes[length] == (byte)'\n')
            {
                return Encoding.UTF8.GetString(bytes[..length]);
            }
        }

        return null;
    }
}
