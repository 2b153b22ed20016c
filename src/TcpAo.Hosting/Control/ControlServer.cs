using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using TcpAo.Linux;

namespace TcpAo.Hosting.Control;

/// <summary>
/// The control socket of a running program: JSON over HTTP/1.1 on a Unix socket (docs/reference/control.md). It is bound before anything is protected, so
/// that two programs do not meet, and answers once there is something to tell.
/// </summary>
public sealed class ControlServer : IDisposable
{
    private const int MaxConnections = 32;

    private static readonly TimeSpan s_longestGoodbye = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;
    private readonly string _path;
    private readonly ControlAccess _access = new();
    private readonly CancellationTokenSource _stopping = new();
    private KestrelServer? _server;

    private ControlServer(Socket socket, string path)
    {
        _socket = socket;
        _path = path;
    }

    /// <summary>The group that may use the socket; null for none.</summary>
    public uint? Group => _access.Group;

    /// <summary>Where the socket is, unless it is said otherwise: beside the state file.</summary>
    /// <param name="statePath">The state file.</param>
    public static string PathBeside(string statePath) => Path.ChangeExtension(statePath, ".sock");

    /// <summary>Makes the socket.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <exception cref="IOException">It cannot be done; the message says why, and what to do.</exception>
    public static ControlServer Listen(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return new ControlServer(ControlSocket.Listen(path), path);
    }

    /// <summary>Opens the socket to a group, or to nobody but root and ourselves.</summary>
    /// <param name="group">Its number; null for none.</param>
    /// <exception cref="LinuxException">We may not.</exception>
    /// <exception cref="InvalidOperationException">The file is gone.</exception>
    public void Share(uint? group)
    {
        try
        {
            ControlSocket.Share(_path, group);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The control socket {_path} cannot be given to another group: {error.Message}", error);
        }

        _access.Group = group;
    }

    /// <summary>Begins to answer.</summary>
    public void Serve(HostControl control)
    {
        ArgumentNullException.ThrowIfNull(control);
        var options = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = NoServices.Instance };
        options.Limits.MaxConcurrentConnections = MaxConnections;
        options.ListenUnixSocket(_path, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(_access.Admit);
        });
        var transport = new SocketTransportOptions { CreateBoundListenSocket = _ => _socket };
#pragma warning disable CA2000 // lives as long as the server
        _server = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(transport), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
#pragma warning restore CA2000
        _server.StartAsync(new ControlApplication(control, _stopping.Token), CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Ends; the socket goes.</summary>
    public void Dispose()
    {
        _stopping.Cancel();
        if (_server is not null)
        {
            using var soon = new CancellationTokenSource(s_longestGoodbye);
            _server.StopAsync(soon.Token).GetAwaiter().GetResult();
            _server.Dispose();
        }

        _socket.Dispose();
        _stopping.Dispose();
    }
}
