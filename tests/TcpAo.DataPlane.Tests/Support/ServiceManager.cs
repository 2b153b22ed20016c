using System.Net.Sockets;
using System.Text;
using Xunit;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>What a service manager hears: a real datagram socket, as $NOTIFY_SOCKET names it.</summary>
internal sealed class ServiceManager : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = Wait.Milliseconds };
    private readonly byte[] _buffer = new byte[4096];

    private ServiceManager(string path, string address)
    {
        Address = address;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
    }

    public string Address { get; }

    /// <summary>A socket of the file system.</summary>
    public static ServiceManager At(string path) => new(path, path);

    /// <summary>An abstract one, which only the network namespace that it was made in sees.</summary>
    public static ServiceManager Abstract(Host host)
    {
        string name = $"tcpao-test-{Guid.NewGuid():N}";
        return host.Space.Run(() => new ServiceManager($"\0{name}", $"@{name}"));
    }

    /// <summary>Waits for a message that begins so, past heartbeats, and gives it.</summary>
    public string WaitFor(string beginning)
    {
        while (true)
        {
            string message = Encoding.UTF8.GetString(_buffer.AsSpan(0, _socket.Receive(_buffer)));
            if (message.StartsWith(beginning, StringComparison.Ordinal))
            {
                return message;
            }

            Assert.Equal("WATCHDOG=1", message);
        }
    }

    public void Dispose() => _socket.Dispose();
}
