using System.Net;
using System.Net.Sockets;
using System.Text;
using TcpAo.Crypto;
using TcpAo.Linux.Sockets;

namespace SocketEcho;

internal static class Client
{
    public static void Run(IPAddress server, int port, Secret secret)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.AddTcpAoKey(new TcpAoKey(server, sendId: 2, recvId: 1, secret));
        socket.Connect(server, port);
        socket.Send("hello"u8);
        byte[] buffer = new byte[1024];
        int got = socket.Receive(buffer);
        TcpAoInfo info = socket.GetTcpAoInfo();
        Console.WriteLine($"{Encoding.UTF8.GetString(buffer, 0, got)}, signed with key {info.CurrentSendId}, {info.Counters.Bad} bad segments");
    }
}
