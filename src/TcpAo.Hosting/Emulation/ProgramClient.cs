using System.Net.Sockets;
using System.Runtime.InteropServices;
using TcpAo.Linux;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Seccomp;
using TcpAo.Linux.Users;

namespace TcpAo.Hosting.Emulation;

/// <summary>The connection of <c>tcpao exec</c> to the <c>tcpao run</c> of its network namespace.</summary>
internal sealed class ProgramClient : IDisposable
{
    private readonly Socket _socket;

    private ProgramClient(Socket socket)
    {
        _socket = socket;
    }

    /// <summary>Connects, and asks whether the program may be served.</summary>
    /// <returns>Null where nobody protects this namespace.</returns>
    /// <exception cref="LinuxException">Somebody does, and does not serve us.</exception>
    public static ProgramClient? Connect(ProgramHostOptions options)
    {
        string path = options.Daemon ?? ProgramLink.DefaultPath();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            ProgramLink.WriteLine(socket, ProgramLink.Ask(options.ShowsCounters, options.QueuedConnectionsFollowListener));
            string? answer = ProgramLink.ReadLine(socket);
            if (!string.Equals(answer, ProgramLink.Welcome, StringComparison.Ordinal))
            {
                throw new LinuxException(EACCES, answer ?? $"The tcpao at {path} did not answer.");
            }

            var client = new ProgramClient(socket);
            socket = null;
            return client;
        }
        catch (SocketException error)
        {
            bool isNobody = error.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !File.Exists(path);
            if (error.SocketErrorCode == SocketError.AccessDenied)
            {
                throw new LinuxException(EACCES, $"The tcpao at {path} does not serve this user's programs; root's it does, and those of the group that 'exec:' in its configuration names.");
            }

            if (options.Daemon is not null || !isNobody)
            {
                throw new LinuxException(EACCES, $"The tcpao at {path} cannot be reached: {error.Message}.");
            }

            RefuseBesideDaemon();
            return null;
        }
        finally
        {
            socket?.Dispose();
        }
    }

    /// <summary>Has the program's calls answered there.</summary>
    public void Hand(SafeHandle listener) => DescriptorPassing.Send(_socket, listener);

    public void Dispose() => _socket.Dispose();

    private const int EACCES = 13;

    /// <summary>Two data planes that do not know of each other would both sign what a policy and a socket have keys for.</summary>
    private static void RefuseBesideDaemon()
    {
        using var rules = NftRuleset.Open();
        if (rules.Read() is { OwnerPortId: not 0 })
        {
            throw new LinuxException(EACCES, "A 'tcpao run' protects this network namespace, but its socket is not where it uses to be: name it with --daemon (it is beside the file that --state names, with the ending .exec).");
        }
    }
}
