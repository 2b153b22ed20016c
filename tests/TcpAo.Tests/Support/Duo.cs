using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Tests.Wire;
using TcpAo.Wire;

namespace TcpAo.Tests.Support;

/// <summary>A client and a server, each behind an engine, and the segments of one connection between them.</summary>
internal sealed class Duo
{
    public static readonly SocketPair IPv4 = TestSegment.PairOf("192.0.2.1", 40000, "192.0.2.2", 179);
    public static readonly SocketPair IPv6 = TestSegment.PairOf("2001:db8::1", 40000, "2001:db8::2", 179);

    public Duo(KeyBoth? key = null, SocketPair? pair = null, AoEngineOptions? options = null)
        : this(TestSource.Of((key ??= KeyBoth.Of()).Client), TestSource.Of(key.Server), pair, options)
    {
    }

    public Duo(IKeySource clientKeys, IKeySource serverKeys, SocketPair? pair = null, AoEngineOptions? options = null)
    {
        SocketPair client = pair ?? IPv4;
        Client = new EngineEnd(client, clientKeys, options);
        Server = new EngineEnd(client.Reversed, serverKeys, options);
    }

    public Duo(EngineEnd client, EngineEnd server)
    {
        Client = client;
        Server = server;
    }

    public EngineEnd Client { get; }

    public EngineEnd Server { get; }

    public uint ClientIsn { get; set; } = 1000;

    public uint ServerIsn { get; set; } = 9000;

    public long Now
    {
        get => Client.Now;
        set => Client.Now = Server.Now = value;
    }

    public static byte[] SynOptions => [.. Packets.Mss, 4, 2, .. Packets.Timestamps, 1, 3, 3, 7];

    public TestSegment Syn => new(Client.Pair, TcpFlags.Syn, ClientIsn) { Options = SynOptions };

    public TestSegment SynAck => new(Server.Pair, TcpFlags.Syn | TcpFlags.Ack, ServerIsn, ClientIsn + 1) { Options = SynOptions };

    public TestSegment FinalAck => FromClient(0, 0);

    /// <summary>A segment of the client, so many bytes after its SYN.</summary>
    public TestSegment FromClient(uint offset, int bytes = 10, TcpFlags flags = TcpFlags.Ack) =>
        new(Client.Pair, flags, ClientIsn + 1 + offset, ServerIsn + 1) { Options = Packets.PaddedTimestamps, Payload = Data(bytes, offset) };

    /// <summary>A segment of the server, so many bytes after its SYN-ACK.</summary>
    public TestSegment FromServer(uint offset, int bytes = 10, TcpFlags flags = TcpFlags.Ack) =>
        new(Server.Pair, flags, ServerIsn + 1 + offset, ClientIsn + 1) { Options = Packets.PaddedTimestamps, Payload = Data(bytes, offset) };

    public Duo Open()
    {
        Server.MustTake(Client.Send(Syn));
        Client.MustTake(Server.Send(SynAck));
        Server.MustTake(Client.Send(FinalAck));
        return this;
    }

    /// <summary>A data segment each way, which must be signed and taken.</summary>
    public void Exchange(uint offset = 0, int bytes = 10)
    {
        Server.MustTake(Client.SendSigned(FromClient(offset, bytes)));
        Client.MustTake(Server.SendSigned(FromServer(offset, bytes)));
    }

    private static byte[] Data(int count, uint seed) => [.. Enumerable.Range(0, count).Select(i => (byte)((i * 7) + seed))];
}
