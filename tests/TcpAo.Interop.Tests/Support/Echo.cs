using System.Net.Sockets;
using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>This end of a connection whose other end sends back what it gets.</summary>
internal static class Echo
{
    /// <summary>Sends bytes and checks that they all come back.</summary>
    public static void Exchange(Socket socket, byte[] sent)
    {
        Task send = Task.Factory.StartNew(() => SendAll(socket, sent), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        byte[] back = new byte[sent.Length];
        int got = 0;
        while (got < back.Length)
        {
            int received = socket.Receive(back.AsSpan(got));
            Assert.NotEqual(0, received);
            got += received;
        }

        Assert.True(send.Wait(Lines.Milliseconds, TestContext.Current.CancellationToken));
        Assert.Equal(sent, back);
    }

    /// <summary>Ends our direction and waits for the end of the other.</summary>
    public static void End(Socket socket)
    {
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, socket.Receive(new byte[1]));
    }

    public static byte[] RandomBytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }
}
