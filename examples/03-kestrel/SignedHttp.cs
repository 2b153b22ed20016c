using System.Net;
using System.Net.Sockets;
using TcpAo.KeyChains;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;

namespace KestrelOverTcpAo;

/// <summary>HTTP whose connections are signed with the keys of a chain.</summary>
internal static class SignedHttp
{
    public static HttpClient Client(TcpAoKeyManager manager, KeyChain chain) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, stop) =>
        {
            IPAddress address = IPAddress.Parse(context.DnsEndPoint.Host);
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                manager.Manage(socket, chain, IpPrefix.Host(IpAddressBits.From(address)));
                await socket.ConnectAsync(address, context.DnsEndPoint.Port, stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });
}
