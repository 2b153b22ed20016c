using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace TcpAo.Hosting.Control;

/// <summary>
/// <c>GET /metrics</c> over TCP on a loopback address, for a Prometheus on this host (docs/reference/metrics.md). It is bound before anything is protected and answers everybody on the host:
/// nothing there is secret.
/// </summary>
public sealed class MetricsServer : IDisposable
{
    private const int MaxConnections = 8;

    private static readonly TimeSpan s_longestGoodbye = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;
    private KestrelServer? _server;

    private MetricsServer(Socket socket)
    {
        _socket = socket;
    }

    /// <summary>Binds the address.</summary>
    /// <param name="endpoint">A loopback address and a port.</param>
    /// <exception cref="IOException">It cannot be bound; the message says why.</exception>
    public static MetricsServer Listen(IPEndPoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            return new MetricsServer(socket);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new IOException($"metrics.listen: {endpoint} cannot be bound: {error.Message}", error);
        }
    }

    /// <summary>Begins to answer.</summary>
    public void Serve(HostControl control)
    {
        ArgumentNullException.ThrowIfNull(control);
        var options = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = NoServices.Instance };
        options.Limits.MaxConcurrentConnections = MaxConnections;
        options.Listen(_socket.LocalEndPoint!, static listen => listen.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportOptions { CreateBoundListenSocket = _ => _socket };
#pragma warning disable CA2000 // lives as long as the server
        _server = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(transport), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
#pragma warning restore CA2000
        _server.StartAsync(new Application(control), CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Ends.</summary>
    public void Dispose()
    {
        if (_server is not null)
        {
            using var soon = new CancellationTokenSource(s_longestGoodbye);
            _server.StopAsync(soon.Token).GetAwaiter().GetResult();
            _server.Dispose();
        }

        _socket.Dispose();
    }

    /// <summary>Has nothing but <c>/metrics</c>: who may come here may do nothing else.</summary>
    private sealed class Application(HostControl control) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }

        public Task ProcessRequestAsync(HttpContext context)
        {
            bool isThere = context.Request.Path.Equals("/metrics", StringComparison.Ordinal);
            if (isThere && HttpMethods.IsGet(context.Request.Method))
            {
                return MetricsAnswer.WriteAsync(context, control);
            }

            context.Response.StatusCode = isThere ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
    }
}
