using System.Buffers.Binary;
using System.Net.Sockets;
using TcpAo.Capture;
using TcpAo.Hosting.Configuration;
using TcpAo.Keys;
using TcpAo.Linux.Namespaces;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>
/// Keeps all packets of a namespace's links as they are on the wire, in front of and behind all rules (packet(7)), and has them verified as
/// <c>tcpao verify</c> does.
/// </summary>
internal sealed class WireCapture : IDisposable
{
    private const int SolPacket = 263;
    private const int PacketStatistics = 6;

    private readonly Socket _socket;
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[128 * 1024];
    private readonly List<byte[]> _packets = [];
    private volatile bool _isStopping;

    public WireCapture(NetworkNamespace space)
    {
        // ETH_P_ALL in network order: only then what leaves is seen too
        const int AllProtocols = 0x0300;
        const int BufferBytes = 8 * 1024 * 1024;
        _socket = space.Run(() => new Socket(AddressFamily.Packet, SocketType.Dgram, (ProtocolType)AllProtocols) { ReceiveBufferSize = BufferBytes });
        _thread = new Thread(Run) { Name = "wire", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How many packets have passed.</summary>
    public int Count
    {
        get
        {
            lock (_packets)
            {
                ReadAll();
                return _packets.Count;
            }
        }
    }

    /// <summary>What the verifier says of each TCP segment from or to a port.</summary>
    /// <param name="configuration">A configuration file with the keys and peers of our end.</param>
    /// <param name="port">The port.</param>
    /// <param name="from">How many packets had passed before the first one that counts.</param>
    public IReadOnlyList<SegmentReport> Verify(string configuration, int port, int from)
    {
        var verifier = new CaptureVerifier(Keys(configuration));
        List<SegmentReport> reports = [];
        lock (_packets)
        {
            ReadAll();
            AssertNoneLost();
            for (int at = from; at < _packets.Count; at++)
            {
                TcpPacket.TryParse(_packets[at], out TcpPacket packet, PacketOrigin.Capture);
                if (packet.HasPorts && (packet.SourcePort == port || packet.DestinationPort == port) && verifier.TryVerify(at + 1, _packets[at], out SegmentReport report))
                {
                    reports.Add(report);
                }
            }
        }

        return reports;
    }

    /// <summary>Every segment from or to a port is signed and right.</summary>
    public IReadOnlyList<SegmentReport> AssertValid(string configuration, int port, int from)
    {
        IReadOnlyList<SegmentReport> reports = Verify(configuration, port, from);
        Assert.NotEmpty(reports);
        Assert.All(reports, report => Assert.True(report is { Verdict: SegmentVerdict.Valid, KeyId: not null }, report.ToString()));
        return reports;
    }

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        _socket.Dispose();
    }

    private static CaptureKeys Keys(string path)
    {
        TcpAoConfiguration configuration = ConfigurationFile.Load(path);
        return new CaptureKeys([.. configuration.KeyChains.Select(chain => new CaptureChain(chain.Name, chain.Ring))], configuration.Policy, []);
    }

    private void Run()
    {
        while (!_isStopping)
        {
            if (_socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead))
            {
                lock (_packets)
                {
                    ReadAll();
                }
            }
        }
    }

    /// <summary>Until there are no more: a packet is in the socket before it is anywhere else.</summary>
    private void ReadAll()
    {
        while (_socket.Poll(0, SelectMode.SelectRead))
        {
            int length = _socket.Receive(_buffer);
            _packets.Add(_buffer.AsSpan(0, length).ToArray());
        }
    }

    /// <summary>Of what the buffer had no room for nothing would be known. Reading the statistics clears them.</summary>
    private void AssertNoneLost()
    {
        byte[] statistics = new byte[2 * sizeof(uint)];
        _socket.GetRawSocketOption(SolPacket, PacketStatistics, statistics);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32LittleEndian(statistics.AsSpan(sizeof(uint))));
    }
}
