using System.Net.Sockets;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Seccomp;
using TcpAo.Linux.Users;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>Gives the sockets of this process the TCP-AO of a running <c>tcpao run</c>, without <c>tcpao exec</c> around the process.</summary>
/// <remarks>
/// The process puts itself under the filter that <c>exec</c> puts programs under, and the daemon answers: also connect() and listen(), before which its rules have to stand. That is for the whole
/// process and what it starts, and for good. There are no set-uid programs for it any more (NO_NEW_PRIVS), and no io_uring. When the daemon is gone those calls fail with ENOSYS, connect() and listen()
/// among them, and what connections with keys send is dropped.
/// </remarks>
/// <example>
/// <code>
/// TcpAoDaemon.Join();
/// socket.AddTcpAoKey(new TcpAoKey(peer, sendId: 1, recvId: 2, secret));
/// </code>
/// </example>
public static class TcpAoDaemon
{
    private const int LongestAnswer = 10_000;
    private static readonly Lock s_lock = new();

    /// <summary>Has the daemon answer from now on. Nothing happens where sockets have TCP-AO already.</summary>
    /// <param name="path">The daemon's socket: the name of its state file with the ending .exec. Null for that of this network namespace.</param>
    /// <exception cref="TcpAoException">No daemon runs, it does not serve this user, or the kernel has no seccomp user notification.</exception>
    public static void Join(string? path = null)
    {
        lock (s_lock)
        {
            if (TcpAoSupport.IsSupported)
            {
                return;
            }

            using Socket link = Connect(path ?? ProgramLink.DefaultPath());
            try
            {
                using SafeDescriptor listener = OwnSupervision.Begin(Array.ConvertAll(Enum.GetValues<TcpSocketOption>(), option => (int)option));
                DescriptorPassing.Send(link, listener);
            }
            catch (LinuxException error)
            {
                throw Refused(error.Message);
            }

            TcpAoSupport.Join();
        }
    }

    private static Socket Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = LongestAnswer };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            ProgramLink.WriteLine(socket, ProgramLink.Ask(showsCounters: false, queuedFollow: false));
            string? answer = ProgramLink.ReadLine(socket);
            if (!string.Equals(answer, ProgramLink.Welcome, StringComparison.Ordinal))
            {
                throw Refused(answer ?? $"The tcpao at {path} did not answer.");
            }

            Socket connected = socket;
            socket = null;
            return connected;
        }
        catch (SocketException error)
        {
            throw Refused(error.SocketErrorCode == SocketError.AccessDenied
                ? $"The tcpao at {path} does not serve this user's programs; root's it does, and those of the group that 'exec:' in its configuration names."
                : $"No 'tcpao run' answers at {path} ({error.Message}): start it, or run the program under 'tcpao exec --'.");
        }
        finally
        {
            socket?.Dispose();
        }
    }

    private static TcpAoException Refused(string message) => new(TcpAoError.NotSupported, message);
}
