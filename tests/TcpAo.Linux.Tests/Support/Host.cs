using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Namespaces;
using Xunit;

namespace TcpAo.Linux.Tests.Support;

/// <summary>A network namespace of the test's own. It is gone when the last descriptor into it is.</summary>
internal sealed class Host : IDisposable
{
    private Host(NetworkNamespace space)
    {
        Space = space;
        space.Run(() => RouteSocket.Use(route => route.SetUp("lo")));
    }

    public NetworkNamespace Space { get; }

    /// <summary>Skips the test where namespaces or netfilter are out of reach.</summary>
    public static Host Create()
    {
        NetworkNamespace? space = null;
        string reason = "";
        try
        {
            space = NetworkNamespace.Create();
        }
        catch (LinuxException exception) when (exception.IsPrivilege)
        {
            reason = exception.Message;
        }

        Assert.SkipUnless(space is not null, reason);
        return new Host(space!);
    }

    public Socket Listen(IPAddress address, int port) => Space.Run(() =>
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen(64);
        return socket;
    });

    /// <summary>A TCP socket that waits ten seconds at most for anything.</summary>
    public Socket Tcp(AddressFamily family) => Space.Run(() => new Socket(family, SocketType.Stream, ProtocolType.Tcp)
    {
        ReceiveTimeout = Wait.Milliseconds,
        SendTimeout = Wait.Milliseconds,
    });

    public Socket Udp(IPAddress address, int port) => Space.Run(() =>
    {
        Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Wait.Milliseconds };
        socket.Bind(new IPEndPoint(address, port));
        return socket;
    });

    /// <summary>Segments that the host's TCP got, RFC 1213 tcpInSegs; IPv4 and IPv6 together.</summary>
    public long SegmentsIn() => Count("Tcp:", "InSegs");

    /// <summary>Fragments that the host made of IPv4 packets, RFC 1213 ipFragCreates.</summary>
    public long Fragments() => Count("Ip:", "FragCreates");

    /// <summary>ACKs with a right SYN cookie, SyncookiesRecv of TcpExt.</summary>
    public long SynCookiesReceived() => Count("TcpExt:", "SyncookiesRecv", "netstat");

    /// <summary>Sets a sysctl of the host's namespace, such as <c>net/ipv4/tcp_fastopen</c>.</summary>
    public void SetSysctl(string name, string value) => Space.Run(() => File.WriteAllText($"/proc/sys/{name}", value));

    public void Dispose() => Space.Dispose();

    private long Count(string protocol, string counter, string file = "snmp") => Space.Run(() =>
    {
        string[] lines = [.. File.ReadLines($"/proc/thread-self/net/{file}").Where(line => line.StartsWith(protocol, StringComparison.Ordinal))];
        int column = Array.IndexOf(lines[0].Split(' '), counter);
        return long.Parse(lines[1].Split(' ')[column], System.Globalization.CultureInfo.InvariantCulture);
    });
}
