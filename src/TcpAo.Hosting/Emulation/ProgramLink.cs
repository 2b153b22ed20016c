using System.Net.Sockets;
using System.Text;

namespace TcpAo.Hosting.Emulation;

/// <summary>
/// What <c>tcpao exec</c> and a running <c>tcpao run</c> say to each other on a Unix socket: one line each way, then the listener of the program's calls. The connection stays open for as long as
/// the program runs.
/// </summary>
internal static class ProgramLink
{
    /// <summary>What the answer begins with where the listener may come.</summary>
    public const string Welcome = "ok";

    private const string Version = "tcpao-exec/1";
    private const int LongestLine = 512;

    /// <summary>Where the socket is: beside the state file.</summary>
    public static string PathBeside(string statePath) => Path.ChangeExtension(statePath, ".exec");

    /// <summary>What a program asks for.</summary>
    public static string Ask(bool showsCounters, bool queuedFollow) => $"{Version}{(showsCounters ? " counters" : "")}{(queuedFollow ? " queued-follow" : "")}";

    /// <summary>Reads what a program asks for.</summary>
    /// <returns>Null where it is of another version.</returns>
    public static (bool ShowsCounters, bool QueuedFollow)? ReadAsked(string line)
    {
        string[] words = line.Split(' ');
        return string.Equals(words[0], Version, StringComparison.Ordinal) ? (words.Contains("counters"), words.Contains("queued-follow")) : null;
    }

    public static void WriteLine(Socket socket, string line)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes($"{line}\n");
        while (!rest.IsEmpty)
        {
            rest = rest[socket.Send(rest)..];
        }
    }

    /// <summary>Reads a line, byte by byte: what follows it is none of a line.</summary>
    /// <returns>Null where the other end is gone, or goes on too long.</returns>
    public static string? ReadLine(Socket socket)
    {
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
