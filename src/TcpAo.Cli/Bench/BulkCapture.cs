using System.Buffers.Binary;
using System.Globalization;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo.Cli.Bench;

/// <summary>
/// Writes captures of long signed transfers: several connections take turns in bursts, each after its handshake. Signing does without an engine,
/// so that a slip in the engine would show as bad segments.
/// </summary>
internal sealed class BulkCapture
{
    private const int EthernetHeader = 14;
    private const int TcpOffset = EthernetHeader + 20;
    private const int BurstLength = 32;
    private const string SecretHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    private readonly AoKey _client;
    private readonly AoKey _server;
    private readonly byte[] _record = new byte[16 + EthernetHeader + 20 + 60 + 65_536];
    private readonly int _aoLength;

    private BulkCapture(MacAlgorithm algorithm)
    {
        _client = new AoKey("bench/1", 61, 84, algorithm, Secret.FromHex(SecretHex));
        _server = new AoKey("bench/1", 84, 61, algorithm, Secret.FromHex(SecretHex));
        _aoLength = 4 + _client.MacLength;
    }

    /// <summary>Where the keys of a capture stand.</summary>
    public static string KeysOf(string path) => Path.ChangeExtension(path, ".yaml");

    /// <summary>Writes a capture of at least <paramref name="bytes"/> bytes and its keys beside it.</summary>
    /// <returns>How many data segments it holds.</returns>
    public static long Write(string path, MacAlgorithm algorithm, long bytes, int payloadLength, int connections)
    {
        string keys = string.Create(
            CultureInfo.InvariantCulture,
            $"key-chains:\n  - name: bench\n    keys:\n      - {{ id: 1, send-id: 61, recv-id: 84, algorithm: {algorithm.Name}, secret-hex: \"{SecretHex}\" }}\n");
        File.WriteAllText(KeysOf(path), keys);
        File.SetUnixFileMode(KeysOf(path), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var output = new BufferedStream(File.Create(path), 1 << 20);
        return new BulkCapture(algorithm).Write(output, bytes, payloadLength, connections);
    }

    private long Write(Stream output, long bytes, int payloadLength, int connections)
    {
        Span<byte> header = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0xA1B2C3D4);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], 262_144);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        output.Write(header);

        var flows = new Flow[connections];
        long written = header.Length;
        for (int i = 0; i < connections; i++)
        {
            flows[i] = new Flow((ushort)(40_000 + i), 0x1000_0000u * (uint)i);
            written += WriteHandshake(output, flows[i]);
        }

        new Random(1).NextBytes(_record);
        long segments = 0;
        for (int i = 0; written < bytes; i = (i + 1) % connections)
        {
            Flow flow = flows[i];
            for (int n = 0; n < BurstLength && written < bytes; n++, segments++)
            {
                ulong extended = flow.Sent.Extend(flow.Next);
                flow.Sent.Advance(extended);
                written += WriteSegment(output, flow, true, TcpFlags.Ack, flow.Next, flow.ServerIsn + 1, payloadLength, in flow.Key, (uint)(extended >> 32));
                flow.Next += (uint)payloadLength;
            }
        }

        return segments;
    }

    private long WriteHandshake(Stream output, Flow flow)
    {
        SegmentFlow outbound = SegmentFlow.Outbound(flow.Pair, NatSides.None);
        SegmentMac.Derive(_client, outbound, flow.ClientIsn, 0, out TrafficKey syn);
        long written = WriteSegment(output, flow, true, TcpFlags.Syn, flow.ClientIsn, 0, 0, in syn, 0);
        SegmentMac.Derive(_server, outbound.Reversed, flow.ServerIsn, flow.ClientIsn, out TrafficKey synAck);
        written += WriteSegment(output, flow, false, TcpFlags.Syn | TcpFlags.Ack, flow.ServerIsn, flow.ClientIsn + 1, 0, in synAck, 0);
        SegmentMac.Derive(_client, outbound, flow.ClientIsn, flow.ServerIsn, out flow.Key);
        return written;
    }

    private int WriteSegment(
        Stream output, Flow flow, bool fromClient, TcpFlags flags, uint sequence, uint acknowledgment, int payloadLength, ref readonly TrafficKey trafficKey, uint sne)
    {
        AoKey key = fromClient ? _client : _server;
        int optionsLength = (_aoLength + 3) & ~3;
        int packetLength = 20 + 20 + optionsLength + payloadLength;
        Span<byte> record = _record.AsSpan(0, 16 + EthernetHeader + packetLength);
        record[..16].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], EthernetHeader + packetLength);
        BinaryPrimitives.WriteInt32LittleEndian(record[12..], EthernetHeader + packetLength);
        BinaryPrimitives.WriteUInt16BigEndian(record[(16 + 12)..], 0x0800);

        Span<byte> ip = record[(16 + EthernetHeader)..];
        ip[..(40 + optionsLength)].Clear();
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)packetLength);
        ip[8] = 64;
        ip[9] = 6;
        (fromClient ? flow.Pair.Local : flow.Pair.Remote).ToIPAddress().TryWriteBytes(ip[12..], out _);
        (fromClient ? flow.Pair.Remote : flow.Pair.Local).ToIPAddress().TryWriteBytes(ip[16..], out _);

        Span<byte> tcp = record[(16 + TcpOffset)..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, fromClient ? flow.Pair.LocalPort : flow.Pair.RemotePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], fromClient ? flow.Pair.RemotePort : flow.Pair.LocalPort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acknowledgment);
        tcp[12] = (byte)((20 + optionsLength) / 4 << 4);
        tcp[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 0xFFFF);
        tcp[20] = (byte)TcpOptionKind.TcpAo;
        tcp[21] = (byte)_aoLength;
        tcp[22] = key.SendId;
        tcp[23] = key.RecvId;

        TcpPacket.TryParse(ip, out TcpPacket packet);
        SegmentFlow direction = fromClient ? SegmentFlow.Outbound(flow.Pair, NatSides.None) : SegmentFlow.Inbound(flow.Pair, NatSides.None);
        SegmentMac.Compute(key, in trafficKey, packet, direction, sne, tcp.Slice(24, key.MacLength));
        output.Write(record);
        return record.Length;
    }

    private sealed class Flow(ushort port, uint clientIsn)
    {
        public TrafficKey Key;
        public SequenceNumberExtension Sent = new(clientIsn);

        public SocketPair Pair { get; } = new(Address(1), Address(2), port, 179);

        public uint ClientIsn { get; } = clientIsn;

        public uint ServerIsn { get; } = clientIsn + 7;

        public uint Next { get; set; } = clientIsn + 1;

        private static IpAddressBits Address(byte last) => IpAddressBits.FromBytes([192, 0, 2, last]);
    }
}
