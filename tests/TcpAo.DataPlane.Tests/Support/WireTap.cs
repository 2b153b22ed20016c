using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Namespaces;
using TcpAo.Wire;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>A TCP segment that was on the wire.</summary>
internal readonly record struct SeenSegment(IPAddress Source, ushort SourcePort, ushort DestinationPort, bool HasAo, bool HasMd5, byte KeyId, int Payload, int Length, TcpFlags Flags, uint Sequence, uint Acknowledgment, bool HasFastOpen, bool HasMultipath)
{
    public bool HasPort(int port) => SourcePort == port || DestinationPort == port;
}

/// <summary>Sees all packets of a host's links as they are on the wire, in front of and behind all rules: packet(7).</summary>
internal sealed class WireTap : IDisposable
{
    private readonly Socket _socket;
    private readonly Thread _thread;
    private readonly List<SeenSegment> _seen = [];
    private volatile bool _isStopping;

    /// <param name="host">Whose links.</param>
    /// <param name="link">One of them; null for all. What goes straight to a link's driver is seen at its other end alone.</param>
    public WireTap(Host host, string? link = null)
    {
        // ETH_P_ALL in network order: only then what leaves is seen too
        const int AllProtocols = 0x0300;
        const int BufferBytes = 8 * 1024 * 1024;
        _socket = host.Space.Run(() => new Socket(AddressFamily.Packet, SocketType.Dgram, (ProtocolType)AllProtocols) { ReceiveBufferSize = BufferBytes });
        if (link is not null)
        {
            int index = 0;
            host.Space.Run(() => RouteSocket.Use(route => index = route.IndexOf(link)));
            _socket.Bind(new LinkEndPoint(index));
        }

        _thread = new Thread(Run) { Name = "tap", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The segments so far.</summary>
    public IReadOnlyList<SeenSegment> Segments
    {
        get
        {
            lock (_seen)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>The segments so far from or to a port.</summary>
    public IReadOnlyList<SeenSegment> OfPort(int port) => [.. Segments.Where(segment => segment.HasPort(port))];

    /// <summary>Waits until segments that fit were seen, and gives them.</summary>
    public IReadOnlyList<SeenSegment> WaitFor(int count, Func<SeenSegment, bool> fits)
    {
        IReadOnlyList<SeenSegment> found = [];
        Wait.Until(() => (found = [.. Segments.Where(fits)]).Count >= count, $"{count} such segments were on the wire");
        return found;
    }

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Run()
    {
        byte[] buffer = new byte[128 * 1024];
        while (!_isStopping)
        {
            if (!_socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead))
            {
                continue;
            }

            int length = _socket.Receive(buffer);
            if (TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet) != DropReason.None)
            {
                continue;
            }

            var segment = new SeenSegment(
                new IPAddress(packet.SourceAddress), packet.SourcePort, packet.DestinationPort, packet.HasAo, packet.HasMd5, packet.KeyId, packet.Payload.Length, packet.Bytes.Length,
                packet.Flags, packet.Sequence, packet.Acknowledgment, Has(packet, TcpOptionKind.FastOpenCookie), Has(packet, TcpOptionKind.MultipathTcp));
            lock (_seen)
            {
                _seen.Add(segment);
            }
        }
    }

    private static bool Has(in TcpPacket packet, TcpOptionKind kind)
    {
        foreach (TcpOption option in new TcpOptionEnumerator(packet.Options))
        {
            if (option.Kind == kind)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>struct sockaddr_ll: all protocols of a link.</summary>
    private sealed class LinkEndPoint(int index) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            const int Length = 20;
            const int AtProtocol = 3;
            const int AtIndex = 4;
            var address = new SocketAddress(AddressFamily.Packet, Length);
            address[AtProtocol] = 3;
            byte[] bytes = BitConverter.GetBytes(index);
            for (int i = 0; i < bytes.Length; i++)
            {
                address[AtIndex + i] = bytes[i];
            }

            return address;
        }
    }
}
