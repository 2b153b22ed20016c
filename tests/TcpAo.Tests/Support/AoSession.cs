using System.Buffers.Binary;
using System.Net;
using TcpAo.Capture;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Tests.Wire;
using TcpAo.Wire;

namespace TcpAo.Tests.Support;

/// <summary>
/// Both ends of one TCP session, written segment by segment as IP packets. Sequence numbers are kept as 64 bits from the ISN on, so that
/// the SNE comes from no code under test. Keys are seen from the client: its KeyID is the send-id, the server's the recv-id.
/// </summary>
internal sealed class AoSession
{
    private readonly ulong[] _next = new ulong[2];
    private int _made;

    public AoSession(AoKey? key, uint clientIsn = 0x1000_0000, uint serverIsn = 0x9000_0000)
    {
        ClientKey = ServerKey = key;
        ClientIsn = clientIsn;
        ServerIsn = serverIsn;
        _next[0] = clientIsn;
        _next[1] = serverIsn;
    }

    public uint ClientIsn { get; }

    public uint ServerIsn { get; }

    public string Client { get; init; } = "192.0.2.1";

    public string Server { get; init; } = "192.0.2.2";

    public ushort ClientPort { get; init; } = 40000;

    public ushort ServerPort { get; init; } = 179;

    /// <summary>What the client signs with; null: nothing.</summary>
    public AoKey? ClientKey { get; set; }

    /// <summary>What the server signs with; null: nothing.</summary>
    public AoKey? ServerKey { get; set; }

    /// <summary>Ends whose address and port are left out of KDF and MAC (RFC 6978), as the client sees them.</summary>
    public NatSides Nat { get; init; }

    /// <summary>Changes the addresses that are signed: what a NAT rewrote afterwards. Given and returned client first.</summary>
    public Func<SocketPair, SocketPair>? Signed { get; init; }

    public SocketPair Pair => new(Bits(Client), Bits(Server), ClientPort, ServerPort);

    public KnownIsns Isns(uint? clientSne = null, uint? serverSne = null) => new(Pair, ClientIsn, ServerIsn, clientSne, serverSne);

    /// <summary>The 64-bit number that an end sends next.</summary>
    public ulong Next(bool fromClient) => _next[fromClient ? 0 : 1];

    public byte[] Syn(bool fromClient = true)
    {
        _next[fromClient ? 0 : 1] = Isn(fromClient) + 1UL;
        return Make(fromClient, TcpFlags.Syn, Isn(fromClient), 0);
    }

    public byte[] SynAck(bool fromClient = false)
    {
        _next[fromClient ? 0 : 1] = Isn(fromClient) + 1UL;
        return Make(fromClient, TcpFlags.Syn | TcpFlags.Ack, Isn(fromClient), Next(!fromClient));
    }

    public byte[] Ack(bool fromClient) => Make(fromClient, TcpFlags.Ack, Next(fromClient), Next(!fromClient));

    public byte[] Fin(bool fromClient)
    {
        byte[] packet = Make(fromClient, TcpFlags.Fin | TcpFlags.Ack, Next(fromClient), Next(!fromClient));
        _next[fromClient ? 0 : 1]++;
        return packet;
    }

    public byte[] Rst(bool fromClient) => Make(fromClient, TcpFlags.Rst, Next(fromClient), 0);

    public byte[] Data(bool fromClient, int length = 19)
    {
        byte[] packet = Make(fromClient, TcpFlags.Psh | TcpFlags.Ack, Next(fromClient), Next(!fromClient), length);
        _next[fromClient ? 0 : 1] += (uint)length;
        return packet;
    }

    /// <summary>Bytes are sent that the capture does not have.</summary>
    public AoSession Skip(bool fromClient, uint bytes)
    {
        _next[fromClient ? 0 : 1] += bytes;
        return this;
    }

    public byte[][] Handshake() => [Syn(), SynAck(), Ack(true)];

    /// <summary>Data to and fro.</summary>
    public byte[][] Exchange(int rounds = 3) => [.. Enumerable.Range(0, rounds).SelectMany(_ => new[] { Data(true), Ack(false), Data(false, 40), Ack(true) })];

    public byte[][] Close() => [Fin(true), Fin(false), Ack(true)];

    public byte[][] Whole(int rounds = 3) => [.. Handshake(), .. Exchange(rounds), .. Close()];

    /// <summary>Any segment, signed with the end's key.</summary>
    public byte[] Make(bool fromClient, TcpFlags flags, ulong sequence, ulong acknowledgment, int payload = 0, byte[]? options = null)
    {
        _made++;
        options ??= (flags & TcpFlags.Syn) != TcpFlags.None
            ? [.. Packets.Mss, 1, 1, 4, 2]
            : [1, 1, 8, 10, .. BigEndian((uint)(1000 + _made)), .. BigEndian(77)];
        byte[] packet = WithIp(fromClient, Tcp(fromClient, flags, sequence, acknowledgment, payload, options));
        return Sign(packet, fromClient, flags, sequence, acknowledgment);
    }

    private byte[] Sign(byte[] packet, bool fromClient, TcpFlags flags, ulong sequence, ulong acknowledgment)
    {
        AoKey? key = fromClient ? ClientKey : ServerKey;
        if (key is null)
        {
            return packet;
        }

        byte[] buffer = Packets.WithRoom(packet);
        int length = packet.Length;
        DropReason reason = key.Algorithm.IsTcpMd5
            ? TcpPacketEditor.InsertMd5(buffer, ref length, out int offset)
            : TcpPacketEditor.InsertAo(buffer, ref length, key.MacLength, fromClient ? key.SendId : key.RecvId, fromClient ? key.RecvId : key.SendId, out offset);
        if (reason != DropReason.None)
        {
            throw new InvalidOperationException(reason.ToString());
        }

        buffer = buffer[..length];
        SocketPair pair = Signed?.Invoke(Pair) ?? Pair;
        SegmentFlow flow = fromClient ? SegmentFlow.Outbound(pair, Nat) : SegmentFlow.Inbound(pair, Nat);
        uint destinationIsn = (flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn ? 0 : Isn(!fromClient);
        SegmentMac.Derive(key, flow, Isn(fromClient), destinationIsn, out TrafficKey trafficKey);
        TcpPacket.TryParse(buffer, out TcpPacket parsed);
        byte[] mac = new byte[key.Algorithm.IsTcpMd5 ? 16 : key.MacLength];
        SegmentMac.Compute(key, in trafficKey, parsed, flow, (uint)(sequence >> 32), mac);
        mac.CopyTo(buffer, offset + (key.Algorithm.IsTcpMd5 ? 2 : 4));
        Packets.FixChecksums(buffer);
        return buffer;
    }

    private byte[] Tcp(bool fromClient, TcpFlags flags, ulong sequence, ulong acknowledgment, int payload, byte[] options)
    {
        byte[] segment = new byte[20 + options.Length + payload];
        BinaryPrimitives.WriteUInt16BigEndian(segment, fromClient ? ClientPort : ServerPort);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), fromClient ? ServerPort : ClientPort);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), (uint)sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), (uint)acknowledgment);
        segment[12] = (byte)((20 + options.Length) / 4 << 4);
        segment[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(14), 502);
        options.CopyTo(segment, 20);
        new Random(_made).NextBytes(segment.AsSpan(20 + options.Length));
        return segment;
    }

    private byte[] WithIp(bool fromClient, byte[] segment)
    {
        byte[] source = IPAddress.Parse(fromClient ? Client : Server).GetAddressBytes();
        byte[] destination = IPAddress.Parse(fromClient ? Server : Client).GetAddressBytes();
        byte[] packet = source.Length == 4 ? new byte[20 + segment.Length] : new byte[40 + segment.Length];
        if (source.Length == 4)
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            packet[8] = 64;
            packet[9] = 6;
            source.CopyTo(packet, 12);
            destination.CopyTo(packet, 16);
            segment.CopyTo(packet, 20);
        }
        else
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)segment.Length);
            packet[6] = 6;
            packet[7] = 64;
            source.CopyTo(packet, 8);
            destination.CopyTo(packet, 24);
            segment.CopyTo(packet, 40);
        }

        Packets.FixChecksums(packet);
        return packet;
    }

    private uint Isn(bool fromClient) => fromClient ? ClientIsn : ServerIsn;

    private static IpAddressBits Bits(string address) => IpAddressBits.From(IPAddress.Parse(address));

    private static byte[] BigEndian(uint number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];
}
