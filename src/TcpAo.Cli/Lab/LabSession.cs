using System.Net;
using System.Net.Sockets;

namespace TcpAo.Cli.Lab;

/// <summary>A TCP connection from A to B.</summary>
internal sealed class LabSession : IDisposable
{
    private const int ExchangeBytes = 3000;

    private readonly Random _random = new(5925);

    private LabSession(Socket a, Socket b)
    {
        A = a;
        B = b;
    }

    public Socket A { get; set; }

    public Socket B { get; set; }

    public int PortOfA => ((IPEndPoint)A.LocalEndPoint!).Port;

    public int PortOfB => ((IPEndPoint)B.LocalEndPoint!).Port;

    /// <summary>Opens a connection.</summary>
    /// <param name="network">Where.</param>
    /// <param name="port">The port of B.</param>
    /// <param name="isIPv6">Over IPv6.</param>
    /// <param name="prepare">What is done to A's socket before it connects.</param>
    public static LabSession Open(LabNetwork network, int port, bool isIPv6 = false, Action<Socket>? prepare = null)
    {
        using Socket listener = network.B.Listen(port, isIPv6);
        Socket a = network.A.Tcp(isIPv6);
        prepare?.Invoke(a);
        Task<Socket> accept = listener.AcceptAsync();
        LabWait.For(a.ConnectAsync(listener.LocalEndPoint!), $"A is connected to port {port}");
        LabWait.For(accept, $"B has accepted on port {port}");
        Socket b = accept.Result;
        (b.SendTimeout, b.ReceiveTimeout, b.NoDelay) = (LabWait.Milliseconds, LabWait.Milliseconds, true);
        return new LabSession(a, b);
    }

    /// <summary>Fresh bytes go to B and others come back.</summary>
    public void Exchange(int length = ExchangeBytes)
    {
        Receive(B, Send(A, length));
        Receive(A, Send(B, length));
    }

    /// <summary>Fresh bytes; they stay on their way until <see cref="Receive"/>.</summary>
    public byte[] Send(Socket from, int length)
    {
        byte[] sent = new byte[length];
        _random.NextBytes(sent);
        from.Send(sent);
        return sent;
    }

    /// <summary>Takes what was sent, and nothing else.</summary>
    public static void Receive(Socket to, ReadOnlySpan<byte> sent)
    {
        byte[] got = new byte[sent.Length];
        for (int at = 0; at < got.Length;)
        {
            int received = to.Receive(got, at, got.Length - at, SocketFlags.None);
            at = received > 0 ? at + received : throw new LabFailureException("the connection ended early");
        }

        if (!sent.SequenceEqual(got))
        {
            throw new LabFailureException("other bytes arrived than were sent");
        }
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
