using System.Net;
using System.Net.Sockets;
using TcpAo.Connections;
using TcpAo.Keys;
using Xunit;

namespace TcpAo.Linux.Tests.Support;

/// <summary>A connection of a client to a server, both ends in hand.</summary>
internal sealed class Connected : IDisposable
{
    private const int SolSocket = 1;
    private const int SoCookie = 57;

    private Connected(Socket client, Socket server)
    {
        Client = client;
        Server = server;
        ClientPair = PairOf((IPEndPoint)client.LocalEndPoint!, (IPEndPoint)client.RemoteEndPoint!);
    }

    public Socket Client { get; }

    public Socket Server { get; }

    public SocketPair ClientPair { get; }

    public SocketPair ServerPair => ClientPair.Reversed;

    public static Connected To(Host client, Socket listener, IPEndPoint server)
    {
        Socket socket = client.Tcp(server.AddressFamily);
        Wait.For(socket.ConnectAsync(server, TestContext.Current.CancellationToken).AsTask());
        return new Connected(socket, Transfer.Accept(listener));
    }

    public static Connected To(Host client, Host server, IPAddress address, int port)
    {
        using Socket listener = server.Listen(address, port);
        return To(client, listener, new IPEndPoint(address, port));
    }

    public static SocketPair PairOf(IPEndPoint local, IPEndPoint remote) =>
        new(IpAddressBits.From(local.Address), IpAddressBits.From(remote.Address), (ushort)local.Port, (ushort)remote.Port);

    /// <summary>What the kernel itself tells the socket's owner.</summary>
    public static ulong CookieOf(Socket socket)
    {
        byte[] cookie = new byte[8];
        Assert.Equal(8, socket.GetRawSocketOption(SolSocket, SoCookie, cookie));
        return BitConverter.ToUInt64(cookie);
    }

    /// <summary>The error of the next receive; it waits for one.</summary>
    public static SocketError ErrorOf(Socket socket) => Assert.Throws<SocketException>(() => socket.Receive(new byte[1])).SocketErrorCode;

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }
}
