using System.Net;
using System.Net.Sockets;
using Xunit;

namespace TcpAo.Linux.Tests.Support;

/// <summary>Bytes from a client to a server and back, compared.</summary>
internal static class Transfer
{
    public static void Run(Host client, Host server, IPAddress address, int port, int length, IPEndPoint? from = null)
    {
        byte[] sent = new byte[length];
        new Random(length).NextBytes(sent);
        using Socket listener = server.Listen(address, port);
        Task echo = Task.Factory.StartNew(
            () =>
            {
                using Socket accepted = Accept(listener);
                byte[] got = new byte[length];
                ReceiveAll(accepted, got);
                Assert.Equal(sent, got);
                SendAll(accepted, got);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        using Socket socket = client.Tcp(address.AddressFamily);
        if (from is not null)
        {
            socket.Bind(from);
        }

        Wait.For(socket.ConnectAsync(new IPEndPoint(address, port)));
        Task send = Task.Factory.StartNew(() => SendAll(socket, sent), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        byte[] back = new byte[length];
        ReceiveAll(socket, back);
        Wait.For(send);
        Wait.For(echo);
        Assert.Equal(sent, back);
    }

    public static Socket Accept(Socket listener)
    {
        Task<Socket> accept = listener.AcceptAsync();
        Wait.For(accept);
        Socket accepted = accept.Result;
        accepted.ReceiveTimeout = Wait.Milliseconds;
        accepted.SendTimeout = Wait.Milliseconds;
        return accepted;
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes[..Math.Min(bytes.Length, 64 * 1024)])..];
        }
    }

    private static void ReceiveAll(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int received = socket.Receive(bytes);
            Assert.NotEqual(0, received);
            bytes = bytes[received..];
        }
    }
}
