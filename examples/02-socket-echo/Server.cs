using System.Net;
using System.Net.Sockets;
using TcpAo.Crypto;
using TcpAo.Linux.Sockets;

namespace SocketEcho;

internal static class Server
{
    public static void Run(IPAddress peer, int port, Secret secret)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.AddTcpAoKey(new TcpAoKey(peer, sendId: 1, recvId: 2, secret));
        listener.SetTcpAoInfo(new TcpAoInfoChange { AoRequired = true });
        listener.Listen();
        using Socket connection = listener.Accept();
        byte[] buffer = new byte[1024];
        for (int got; (got = connection.Receive(buffer)) > 0;)
        {
            connection.Send(buffer.AsSpan(0, got));
        }
    }
}
