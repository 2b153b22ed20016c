using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using TcpAo.Linux.Namespaces;
using TcpAo.Wire;

namespace TcpAo.DataPlane.Tests.Support;

/// <summary>
/// Somebody on the wire in front of B: sees each frame that comes to B and sends frames of its own to it (packet(7)), past all rules of A.
/// </summary>
internal sealed class OnPathAttacker : IDisposable
{
    private const int EthernetHeader = 14;

    private readonly Socket _socket;
    private readonly Thread _thread;
    private readonly List<byte[]> _frames = [];
    private readonly Random _random = new(5925);
    private volatile bool _isStopping;

    public OnPathAttacker(Lab lab)
    {
        const int BufferBytes = 8 * 1024 * 1024;
        _socket = lab.A.Space.Run(() =>
        {
            int index = 0;
            RouteSocket.Use(route => index = route.IndexOf(Lab.Link));
            var socket = new Socket(AddressFamily.Packet, SocketType.Raw, ProtocolType.Unspecified) { ReceiveBufferSize = BufferBytes, SendBufferSize = BufferBytes };
            socket.Bind(new LinkEndPoint(index));
            return socket;
        });
        _thread = new Thread(Run) { Name = "attacker", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The frames so far that were sent to a port of B.</summary>
    public IReadOnlyList<byte[]> FramesTo(int port)
    {
        lock (_frames)
        {
            return [.. _frames.Where(frame => PortOf(frame) == port)];
        }
    }

    public void Send(ReadOnlySpan<byte> frame) => _socket.Send(frame);

    /// <summary>What a frame would look like from somebody who sees everything and lacks the key: the next segment, of one of many kinds.</summary>
    public byte[] Forge(byte[] template, int number)
    {
        byte[] frame = [.. template];
        Span<byte> packet = frame.AsSpan(EthernetHeader);
        TcpPacket.TryParse(packet, out TcpPacket parsed);
        int tcp = parsed.TcpOffset;
        BinaryPrimitives.WriteUInt32BigEndian(packet[(tcp + 4)..], parsed.Sequence + parsed.SegmentSequenceLength);
        TcpFlags[] kinds = [TcpFlags.Rst, TcpFlags.Rst | TcpFlags.Ack, TcpFlags.Ack, TcpFlags.Ack | TcpFlags.Psh, TcpFlags.Fin | TcpFlags.Ack, TcpFlags.Syn];
        packet[tcp + 13] = (byte)kinds[number % kinds.Length];
        int option = packet[tcp..].IndexOf((byte)TcpOptionKind.TcpAo);
        switch (number / kinds.Length % 5)
        {
            case 0:
                _random.NextBytes(packet.Slice(tcp + option + 4, parsed.MacLength));
                break;
            case 1:
                // the MAC of the segment before it stays
                break;
            case 2:
                packet[tcp + option + 2] = (byte)_random.Next(256);
                break;
            case 3:
                // no authentication at all
                packet.Slice(tcp + option, parsed.MacLength + 4).Fill((byte)TcpOptionKind.NoOperation);
                break;
            default:
                // an unknown option in its place
                packet[tcp + option] = 253;
                break;
        }

        TcpPacketEditor.RewriteTcpChecksum(packet, packet.Length);
        return frame;
    }

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        _socket.Dispose();
    }

    private static int PortOf(byte[] frame) =>
        TcpPacket.TryParse(frame.AsSpan(EthernetHeader), out TcpPacket packet) == DropReason.None ? packet.DestinationPort : 0;

    private void Run()
    {
        byte[] buffer = new byte[128 * 1024];
        while (!_isStopping)
        {
            if (_socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead))
            {
                int length = _socket.Receive(buffer);
                if (PortOf(buffer[..length]) is 0)
                {
                    continue;
                }

                lock (_frames)
                {
                    _frames.Add(buffer[..length]);
                }
            }
        }
    }

    /// <summary>All protocols of one interface: struct sockaddr_ll of packet(7).</summary>
    private sealed class LinkEndPoint(int index) : EndPoint
    {
        private const int Length = 20;
        private const ushort AllProtocols = 3;

        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, Length);
            Span<byte> bytes = address.Buffer.Span;
            BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], AllProtocols);
            BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], index);
            return address;
        }
    }
}
