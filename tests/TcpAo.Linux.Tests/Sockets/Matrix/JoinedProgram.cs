using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Linux.Sockets;

namespace TcpAo.Linux.Tests.Sockets.Matrix;

/// <summary>A program that joins a daemon, connects with a key, and tells what its calls answer when a line comes: the test has the daemon die before.</summary>
internal static class JoinedProgram
{
    public const string Verb = "joined";

    public static int Run(string[] args)
    {
        TcpAoDaemon.Join(args[0]);
        var peer = IPAddress.Parse(args[1]);
        using var secret = Secret.FromText("a secret of both ends");
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        // a policy of the daemon has the peer itself at another port, and a key for just that peer is refused
        var key = new TcpAoKey(IpPrefix.Any, sendId: 2, recvId: 1, secret);
        socket.AddTcpAoKey(key);
        socket.Connect(peer, int.Parse(args[2], CultureInfo.InvariantCulture));
        socket.Send("hello"u8);
        Console.WriteLine($"connected {TcpAoSupport.Provider}");
        Console.ReadLine();
        using Socket next = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            next.AddTcpAoKey(key);
        }
        catch (TcpAoException error)
        {
            Console.WriteLine($"{error.Error} {(error.Message.Contains("ENOSYS", StringComparison.Ordinal) ? "ENOSYS" : error.Message)}");
        }

        try
        {
            next.Connect(peer, 5179);
        }
        catch (SocketException error)
        {
            // ENOSYS is an error that .NET has no word for
            Console.WriteLine($"connect {error.Message}");
        }

        socket.Send("more"u8);
        Console.ReadLine();
        return 0;
    }
}
