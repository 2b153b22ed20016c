using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpAo.Hosting.Control;
using TcpAo.Linux;
using TcpAo.Linux.Seccomp;
using TcpAo.Linux.Users;

namespace TcpAo.Hosting.Emulation;

/// <summary>
/// Serves programs of <c>tcpao exec</c> from a running <c>tcpao run</c>: they need no capability, for this process has what their sockets need. A program's calls come with its own descriptors, so
/// that it reaches the keys of no other's sockets. Who may is root, the user of this process, and the group that <c>exec:</c> names.
/// </summary>
internal sealed class ProgramServer : IDisposable
{
    private const int LongestHello = 5_000;
    private const int RetryInterval = 100;

    private readonly Socket _socket;
    private readonly string _path;
    private readonly SocketPlanes _planes;
    private readonly Action<string> _log;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _clients = [];

    // by user; root's and our own user's have none
    private readonly Dictionary<uint, ProgramShare> _shares = [];
    private ProgramAccess _access = ProgramAccess.Nobody;
    private bool _isOpen;
    private volatile bool _stopping;

    private ProgramServer(Socket socket, string path, SocketPlanes planes, Action<string> log)
    {
        _socket = socket;
        _path = path;
        _planes = planes;
        _log = log;
        _thread = new Thread(Accept) { Name = "tcpao programs", IsBackground = true };
    }

    /// <summary>Makes the socket and begins.</summary>
    /// <param name="path">The file.</param>
    /// <param name="planes">The data planes, taken over.</param>
    /// <param name="access">Who may.</param>
    /// <param name="log">Takes lines for the operator.</param>
    /// <exception cref="IOException">It cannot be done; the message says why.</exception>
    /// <exception cref="LinuxException">The file cannot be given to the group.</exception>
    public static ProgramServer Listen(string path, SocketPlanes planes, ProgramAccess access, Action<string> log)
    {
        var server = new ProgramServer(ControlSocket.Listen(path), path, planes, log);
        try
        {
            server.Share(access);
            server._thread.Start();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Opens the socket to others.</summary>
    /// <exception cref="LinuxException">The file cannot be given to the group.</exception>
    public void Share(ProgramAccess access)
    {
        if (access == _access)
        {
            return;
        }

        ControlSocket.Share(_path, access);
        _access = access;
    }

    /// <summary>The policy owns other connections from now on.</summary>
    public void UsePolicy() => _planes.UsePolicy();

    /// <summary>Ends: the calls of programs that still run fail with ENOSYS, and what their connections send is dropped by rules that stay.</summary>
    public void Dispose()
    {
        _stopping = true;
        _socket.Dispose();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        Socket[] clients;
        lock (_lock)
        {
            clients = [.. _clients];
        }

        foreach (Socket client in clients)
        {
            client.Dispose();
        }

        _planes.Dispose();
        File.Delete(_path);
    }

    private void Accept()
    {
        while (!_stopping)
        {
            try
            {
                Socket client = _socket.Accept();
                lock (_lock)
                {
                    _clients.Add(client);
                }

                new Thread(() => Serve(client)) { Name = "tcpao program", IsBackground = true }.Start();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                if (!_stopping)
                {
                    _log($"a program of 'tcpao exec' could not be served: {error.Message}");

                    // such as the limit of open files: it is no better at once
                    Thread.Sleep(RetryInterval);
                }
            }
        }
    }

    private void Serve(Socket client)
    {
        try
        {
            SocketPeer peer = UserAccess.PeerOf(client);
            client.ReceiveTimeout = LongestHello;
            if (ProgramLink.ReadLine(client) is not { } asked)
            {
                return;
            }

            if (RefusalOf(peer, asked) is { } refusal)
            {
                ProgramLink.WriteLine(client, refusal);
                return;
            }

            ProgramShare? share = ShareOf(peer);
            if (share?.TryAddProgram() == false)
            {
                ProgramLink.WriteLine(client, $"the running 'tcpao run' serves {ProgramShare.MaxPrograms} programs of user {peer.User} already, which is the most");
                return;
            }

            try
            {
                OpenPlane();
                ProgramLink.WriteLine(client, ProgramLink.Welcome);
                client.ReceiveTimeout = 0;
                if (DescriptorPassing.Receive(client) is { } listener)
                {
                    Serve(client, listener, ProgramLink.ReadAsked(asked)!.Value, share);
                }
            }
            finally
            {
                share?.RemoveProgram();
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or LinuxException)
        {
            if (!_stopping)
            {
                _log($"a program of 'tcpao exec' could not be served: {error.Message}");
            }
        }
        finally
        {
            lock (_lock)
            {
                _clients.Remove(client);
            }

            client.Dispose();
        }
    }

    /// <summary>Until the last process under the filter has ended, or we stop. The supervisor may go before: the calls are answered here.</summary>
    private void Serve(Socket client, SafeHandle listener, (bool ShowsCounters, bool QueuedFollow) asked, ProgramShare? share)
    {
        var emulator = new SocketCallEmulator(_planes, asked.ShowsCounters ? new NetstatFile(_planes) : null, asked.QueuedFollow, share);
        using var calls = SupervisedCalls.Serve(listener, SocketCallEmulator.Options, emulator, error => _log($"a call of a program failed: {error.GetType().Name}: {error.Message}"));
        calls.Ended.GetAwaiter().GetResult();
        _ = client.Available;
    }

    private void OpenPlane()
    {
        lock (_lock)
        {
            if (!_isOpen)
            {
                _planes.OpenCurrent();
                _isOpen = true;
            }
        }
    }

    private static bool IsOwn(SocketPeer peer) => peer.User == 0 || peer.User == UserAccess.EffectiveUser;

    private ProgramShare? ShareOf(SocketPeer peer)
    {
        if (IsOwn(peer))
        {
            return null;
        }

        lock (_lock)
        {
            if (!_shares.TryGetValue(peer.User, out ProgramShare? share))
            {
                share = new ProgramShare();
                _shares.Add(peer.User, share);
            }

            return share;
        }
    }

    private string? RefusalOf(SocketPeer peer, string asked) =>
        ProgramLink.ReadAsked(asked) is null ? "the running 'tcpao run' is of another version than this 'tcpao exec'"
        : IsOwn(peer) || _access.Admits(peer.Groups) ? null
        : $"user {peer.User} may not use the running 'tcpao run'; root may, and the group that 'exec:' names in its configuration";
}
