using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;

namespace TcpAo.Hosting.Sockets;

/// <summary>TCP-AO for endpoints of Kestrel.</summary>
public static partial class TcpAoListenOptionsExtensions
{
    /// <summary>
    /// Requires TCP-AO of every connection of this endpoint, with the keys of a chain for some peers. It may be called once for each peer. Nothing unsigned gets in, and a host on which TCP-AO is not to be had does not
    /// start.
    /// </summary>
    /// <param name="listen">The endpoint: an address and a port. <c>ListenLocalhost</c> has two and will not do.</param>
    /// <param name="chain">Name of the key chain.</param>
    /// <param name="peer">Whom its keys are for, such as <c>192.0.2.1</c> or <c>2001:db8::/32</c>. For <c>any</c> the endpoint is of one family.</param>
    /// <returns>The endpoint.</returns>
    /// <exception cref="ArgumentException">The endpoint has no address, or the peer is none.</exception>
    /// <exception cref="InvalidOperationException">AddTcpAo was not called.</exception>
    /// <example><code>
    /// kestrel.Listen(IPAddress.Any, 8080, listen => listen.UseTcpAo("web", "192.0.2.0/24"));
    /// </code></example>
    public static ListenOptions UseTcpAo(this ListenOptions listen, string chain, string peer)
    {
        ArgumentNullException.ThrowIfNull(listen);
        ArgumentNullException.ThrowIfNull(chain);
        if (listen.IPEndPoint is null || listen.GetType() != typeof(ListenOptions))
        {
            throw new ArgumentException($"TCP-AO is for an endpoint of one address and port: use Listen(IPAddress, port) instead of {listen}.", nameof(listen));
        }

        if (!IpPrefix.TryParse(peer, out IpPrefix prefix, out string? reason))
        {
            throw new ArgumentException(reason, nameof(peer));
        }

        TcpAoListeners listeners = listen.ApplicationServices.GetService<TcpAoListeners>()
            ?? throw new InvalidOperationException("Call builder.Services.AddTcpAo(...) first.");
        ILogger logger = listen.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(TcpAoListenOptionsExtensions).FullName!);
        EndPoint endPoint = listen.IPEndPoint;
        listeners.Require(endPoint, chain, prefix);
        listen.Use(next => connection => ServeAsync(connection, next, endPoint, listeners, logger));
        return listen;
    }

    /// <summary>TCP-AO of the connection that a request came over; null where it has none.</summary>
    /// <param name="context">The request.</param>
    public static TcpAoInfo? GetTcpAoInfo(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<IConnectionSocketFeature>()?.Socket.TryGetTcpAoInfo(out TcpAoInfo? info) == true ? info : null;
    }

    private static async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next, EndPoint endPoint, TcpAoListeners listeners, ILogger logger)
    {
        TcpAoManagedKeys? keys = null;
        try
        {
            keys = connection.Features.Get<IConnectionSocketFeature>() is { } feature ? listeners.Adopt(endPoint, feature.Socket) : null;
        }
        catch (TcpAoException error)
        {
            LogRefused(logger, connection.RemoteEndPoint, error.Message);
        }

        if (keys is null)
        {
            connection.Abort();
            return;
        }

        using (keys)
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    [LoggerMessage(6105, LogLevel.Warning, "A connection from {Peer} was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, EndPoint? peer, string reason);
}
