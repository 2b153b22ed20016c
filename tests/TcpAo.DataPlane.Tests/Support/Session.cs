using System.Net;
using System.Net.Sockets;
using Xunit;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>An open connection from A to B of a lab.</summary>
internal sealed class Session : IDisposable
{
    private static readonly Random s_random = new(59);

    private Session(Socket a, Socket b)
    {
        A = a;
        B = b;
    }

    public Socket A { get; }

    public Socket B { get; }

    public static Session Open(Lab lab, int port = Lab.Port, bool isIPv6 = false)
    {
        using Socket listener = lab.B.Listen(Lab.AddressOfB(isIPv6), port);
        Socket a = lab.A.Tcp(listener.AddressFamily);
        Wait.For(a.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask());
        return new Session(a, Transfer.Accept(listener));
    }

    /// <summary>A connection from a given port of A to a socket that listens in B.</summary>
    public static Session Open(Lab lab, Socket listener, int clientPort)
    {
        Socket a = lab.A.Tcp(listener.AddressFamily);
        a.Bind(new IPEndPoint(Lab.AddressOfA(listener.AddressFamily == AddressFamily.InterNetworkV6), clientPort));
        Wait.For(a.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken).AsTask());
        return new Session(a, Transfer.Accept(listener));
    }

    /// <summary>A connection attempt that is on its way.</summary>
    public static (Socket Socket, Task Connect) Begin(Host host, IPAddress to, int port)
    {
        Socket socket = host.Tcp(to.AddressFamily);
        return (socket, socket.ConnectAsync(new IPEndPoint(to, port), TestContext.Current.CancellationToken).AsTask());
    }

    /// <summary>Bytes go to B and others come back.</summary>
    public void Exchange(int length = 3000)
    {
        Exchange(A, B, length);
    }

    /// <summary>Bytes go over a connection and others come back.</summary>
    public static void Exchange(Socket a, Socket b, int length = 3000)
    {
        AssertArrived(b, Post(a, length));
        AssertArrived(a, Post(b, length));
    }

    /// <summary>Fresh bytes that stay on their way until <see cref="AssertArrived"/>.</summary>
    public static byte[] Post(Socket from, int length = 3000)
    {
        byte[] sent = new byte[length];
        s_random.NextBytes(sent);
        Assert.Equal(length, from.Send(sent));
        return sent;
    }

    public static void AssertArrived(Socket to, byte[] sent)
    {
        byte[] got = new byte[sent.Length];
        for (int at = 0; at < got.Length;)
        {
            int received = to.Receive(got, at, got.Length - at, SocketFlags.None);
            Assert.NotEqual(0, received);
            at += received;
        }

        Assert.Equal(sent, got);
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
