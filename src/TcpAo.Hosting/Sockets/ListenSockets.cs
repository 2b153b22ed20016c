using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace TcpAo.Hosting.Sockets;

/// <summary>Has Kestrel's transport give its listening sockets their keys between bind and listen, whoever makes them.</summary>
internal sealed class ListenSockets(TcpAoListeners listeners) : IPostConfigureOptions<SocketTransportOptions>
{
    public void PostConfigure(string? name, SocketTransportOptions options)
    {
        Func<EndPoint, Socket> create = options.CreateBoundListenSocket;
        options.CreateBoundListenSocket = endPoint =>
        {
            Socket socket = create(endPoint);
            try
            {
                listeners.Protect(endPoint, socket);
                return socket;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
    }
}
