using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Cli.Lab;

/// <summary>A host of the lab: a network namespace with one interface.</summary>
internal sealed class LabHost : IDisposable
{
    public const string Link = "wire";

    private const int BufferBytes = 256 * 1024;

    public LabHost(string name, string v4, string v6)
    {
        Name = name;
        V4 = IPAddress.Parse(v4);
        V6 = IPAddress.Parse(v6);
        Space = NetworkNamespace.Create();
    }

    public string Name { get; }

    public IPAddress V4 { get; }

    public IPAddress V6 { get; }

    public NetworkNamespace Space { get; }

    public IPAddress Address(bool isIPv6) => isIPv6 ? V6 : V4;

    /// <summary>Sets the interface up, once it is there.</summary>
    public void Configure() => Space.Run(() => RouteSocket.Use(route =>
    {
        route.SetUp("lo");

        // the link forwards frames, not packets that stand for several
        SegmentationOffload.Disable(Link);
        route.SetUp(Link);
        route.AddAddress(Link, V4, 24);
        route.AddAddress(Link, V6, 64);
    }));

    public Socket Tcp(bool isIPv6) => Space.Run(() => new Socket(isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,
        SendBufferSize = BufferBytes,
        SendTimeout = LabWait.Milliseconds,
        ReceiveTimeout = LabWait.Milliseconds,
    });

    public Socket Listen(int port, bool isIPv6 = false)
    {
        Socket socket = Tcp(isIPv6);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, 1);
        socket.Bind(new IPEndPoint(Address(isIPv6), port));
        socket.Listen();
        return socket;
    }

    /// <summary>Starts a program in the host: a child is in the namespace of the thread that starts it.</summary>
    public Process Start(ProcessStartInfo start) => Space.Run(() => Process.Start(start)!);

    /// <summary>Writes a setting of the network, such as <c>net/ipv4/tcp_timestamps</c>.</summary>
    public void Set(string setting, string value) => Space.Run(() => File.WriteAllText($"/proc/sys/{setting}", value));

    /// <summary>Segments that its TCP got, RFC 1213 tcpInSegs.</summary>
    public long SegmentsIn() => Space.Run(() =>
    {
        string[] lines = [.. File.ReadLines("/proc/thread-self/net/snmp").Where(line => line.StartsWith("Tcp:", StringComparison.Ordinal))];
        return long.Parse(lines[1].Split(' ')[Array.IndexOf(lines[0].Split(' '), "InSegs")], CultureInfo.InvariantCulture);
    });

    public void Dispose() => Space.Dispose();
}
