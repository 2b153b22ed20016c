using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Interop;
using TcpAo.Linux.Sockets;
using TcpAo.Uapi;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>A listener and a client that have not met yet, and what comes of it.</summary>
internal sealed class Meeting : IDisposable
{
    private const int PollMilliseconds = 20;
    private const int TCP_INFO = 11;

    // struct tcp_info: tcpi_retransmits
    private const int RetransmitsOffset = 2;

    private readonly List<Socket> _sockets = [];

    public Meeting(Ends ends, IPAddress? client = null)
    {
        Ends = ends;
        Listener = Keep(ends.Bound(ends.Server));
        Client = Keep(ends.Bound(client ?? ends.Client));
    }

    public Ends Ends { get; }

    public Socket Listener { get; }

    public Socket Client { get; }

    /// <summary>Another client.</summary>
    public Socket Another(IPAddress address) => Keep(Ends.Bound(address));

    /// <summary>They meet: data goes both ways, and whether it was signed is as expected.</summary>
    /// <returns>The accepted socket.</returns>
    public async Task<Socket> MeetAsync(bool isSigned = true, Socket? client = null)
    {
        client ??= Client;
        Socket accepted = await AcceptAsync(client);
        await ExchangeAsync(client, accepted);
        foreach (Socket socket in (Socket[])[client, accepted])
        {
            bool hasAo = socket.TryGetTcpAoInfo(out TcpAoInfo? info);
            MatrixFailureException.ThrowUnlessEqual(isSigned, hasAo, "signed");
            MatrixFailureException.ThrowUnless(!hasAo || info!.Counters is { Good: > 0, Bad: 0, KeyNotFound: 0, Required: 0 }, $"counters of one end: {info?.Counters}");
        }

        return accepted;
    }

    /// <summary>Connects and accepts.</summary>
    public async Task<Socket> AcceptAsync(Socket? client = null)
    {
        Listener.Listen();
        client ??= Client;
        Task connect = client.ConnectAsync(Listener.LocalEndPoint!);
        Task<Socket> accept = Listener.AcceptAsync();
        await Task.WhenAll(connect, accept).WaitAsync(TimeSpan.FromSeconds(60));
        return Keep(await accept);
    }

    /// <summary>They do not meet: nobody answers the client's SYN, sent more than once, and nobody is accepted.</summary>
    /// <param name="client">The client, if not the first.</param>
    /// <param name="isCounted">What else must come of it while the client still tries.</param>
    public async Task MissAsync(Socket? client = null, Func<bool>? isCounted = null)
    {
        client ??= Client;
        Listener.Listen();
        Task connect = client.ConnectAsync(Listener.LocalEndPoint!);
        for (int i = 0; RetransmitsOf(client) == 0 || isCounted?.Invoke() == false; i++)
        {
            MatrixFailureException.ThrowUnless(i < 60_000 / PollMilliseconds, "nobody sent a SYN again, or the listener did not count it");
            MatrixFailureException.ThrowUnless(!connect.IsCompleted, connect.IsCompletedSuccessfully ? "they connected" : $"the connect failed at once: {connect.Exception?.InnerException?.Message}");
            await Task.Delay(PollMilliseconds);
        }

        MatrixFailureException.ThrowUnless(!Listener.Poll(0, SelectMode.SelectRead), "the listener accepted");
        client.Dispose();
        try
        {
            await connect;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return;
        }

        throw new MatrixFailureException("they connected");
    }

    /// <summary>The connect fails before anything is sent.</summary>
    public async Task<SocketException> RejectAsync()
    {
        Listener.Listen();
        try
        {
            await Client.ConnectAsync(Listener.LocalEndPoint!);
        }
        catch (SocketException error)
        {
            MatrixFailureException.ThrowUnless(error.SocketErrorCode is not SocketError.TimedOut and not SocketError.ConnectionRefused, $"the connect failed otherwise: {error.SocketErrorCode}");
            return error;
        }

        throw new MatrixFailureException("they connected");
    }

    /// <summary>A byte there and back: each end has verified a segment since.</summary>
    public static async Task ExchangeAsync(Socket client, Socket server)
    {
        byte[] buffer = new byte[1];
        foreach ((Socket from, Socket to) in ((Socket, Socket)[])[(client, server), (server, client)])
        {
            await from.SendAsync(new byte[] { 42 });
            int got = await to.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(60));
            MatrixFailureException.ThrowUnless(got == 1 && buffer[0] == 42, "another byte came");
        }
    }

    /// <summary>Waits until a condition holds; each question is a few system calls.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (int i = 0; !condition(); i++)
        {
            MatrixFailureException.ThrowUnless(i < 60_000 / PollMilliseconds, $"in vain waited until {what}");
            await Task.Delay(PollMilliseconds);
        }
    }

    public static void Throws(TcpAoError expected, Action call, string what)
    {
        try
        {
            call();
        }
        catch (TcpAoException error)
        {
            MatrixFailureException.ThrowUnless(error.Error == expected, $"{what}: expected {expected}, got {error.Error}: {error.Message}");
            return;
        }

        throw new MatrixFailureException($"{what} was taken, not refused as {expected}");
    }

    public Socket Keep(Socket socket)
    {
        _sockets.Add(socket);
        return socket;
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private static int RetransmitsOf(Socket socket)
    {
        byte[] info = new byte[32];
        int errno = Libc.GetTcpOption(socket.SafeHandle, TCP_INFO, info, info.Length);
        return errno == 0 && info[0] == (byte)TcpState.SynSent ? info[RetransmitsOffset] : 0;
    }
}
