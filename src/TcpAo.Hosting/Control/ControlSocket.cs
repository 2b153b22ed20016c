using System.Net.Sockets;
using TcpAo.Hosting.Emulation;
using TcpAo.Linux;
using TcpAo.Linux.Users;

namespace TcpAo.Hosting.Control;

/// <summary>
/// The file of the control socket: for the owner alone, or for a group besides. What a dead program left is replaced, a living one's is not touched.
/// </summary>
internal static class ControlSocket
{
    // sun_path, less the terminator
    private const int LongestPath = 107;

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Binds and listens; who connects waits until somebody accepts.</summary>
    /// <exception cref="IOException">It cannot be done; the message says why, and what to do.</exception>
    public static Socket Listen(string path)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            throw new IOException($"The name of the control socket is too long: {path} has more than {LongestPath} bytes; name a shorter one with --control.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!, Owner | UnixFileMode.UserExecute);
        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, Owner);
            socket.Listen();
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException($"The control socket {path} cannot be made: {error.Message}; name another one with --control.", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens the socket to a group, or to nobody but the owner.</summary>
    /// <exception cref="LinuxException">We may not.</exception>
    public static void Share(string path, uint? group)
    {
        if (!TryShareFile(path, new ProgramAccess(false, group)))
        {
            return;
        }

        // of a folder that is the owner's alone the group must be able to pass through
        string folder = Path.GetDirectoryName(path)!;
        UnixFileMode mode = File.GetUnixFileMode(folder);
        if ((mode & (UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) == UnixFileMode.None)
        {
            UserAccess.ChangeGroup(folder, group!.Value);
            File.SetUnixFileMode(folder, mode | UnixFileMode.GroupExecute);
        }
    }

    /// <summary>Opens a socket to a group, to everybody, or to nobody but the owner; who may use it is checked for each connection too.</summary>
    /// <exception cref="LinuxException">We may not.</exception>
    public static void Share(string path, ProgramAccess access)
    {
        if (TryShareFile(path, access))
        {
            // the folder may be another group's already: pass through, and see nothing
            string folder = Path.GetDirectoryName(path)!;
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        }
    }

    /// <returns>Whether anybody but the owner may.</returns>
    private static bool TryShareFile(string path, ProgramAccess access)
    {
        if (access.Group is { } number)
        {
            UserAccess.ChangeGroup(path, number);
        }

        bool isShared = access.Everybody || access.Group is not null;
        UnixFileMode others = access.Everybody ? UnixFileMode.OtherRead | UnixFileMode.OtherWrite : UnixFileMode.None;
        File.SetUnixFileMode(path, isShared ? Owner | Group | others : Owner);
        return isShared;
    }

    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        if (!IsSocket(path))
        {
            throw new IOException($"{path} is there and is no socket: name another one with --control.");
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException error)
        {
            throw new IOException($"The control socket {path} cannot be made: {error.Message}; name another one with --control.", error);
        }

        throw new IOException($"A running tcpao has the control socket {path}: stop it first, or name another one with --control.");
    }

    /// <summary>A socket is what cannot be opened as a file, for root too. For reading and writing, which does not wait where it is a pipe.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
