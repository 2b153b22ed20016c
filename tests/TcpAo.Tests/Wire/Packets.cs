using System.Buffers.Binary;
using System.Text.Json;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Wire;

/// <summary>Packets for the tests of the wire room: made here byte by byte, or read from the vectors.</summary>
internal static class Packets
{
    public const byte Ao = 29;
    public const byte Md5 = 19;

    public static byte[] Nops(int count) => [.. Enumerable.Repeat((byte)1, count)];

    public static byte[] Mss => [2, 4, 0x05, 0xB4];

    public static byte[] Timestamps => [8, 10, 1, 2, 3, 1, 5, 6, 7, 1];

    public static byte[] PaddedTimestamps => [1, 1, .. Timestamps];

    public static byte[] AoOption(int macLength, byte keyId = 61, byte rnextKeyId = 84) =>
        [Ao, (byte)(4 + macLength), keyId, rnextKeyId, .. Enumerable.Range(1, macLength).Select(i => (byte)(i * 37))];

    public static byte[] Md5Option => [Md5, 18, .. Enumerable.Range(1, 16).Select(i => (byte)(i * 41))];

    public static byte[] Sack(int blocks) =>
        [5, (byte)(2 + (8 * blocks)), .. Enumerable.Range(0, 8 * blocks).Select(i => (byte)(0x40 + i))];

    public static byte[] PaddedSack(int blocks) => [1, 1, .. Sack(blocks)];

    /// <summary>A segment; the options are filled up with zeros (end of list) to a multiple of four.</summary>
    public static byte[] Segment(byte[] options, byte[] payload, TcpFlags flags = TcpFlags.Ack)
    {
        int padded = (options.Length + 3) & ~3;
        byte[] segment = new byte[20 + padded + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, 40000);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), 179);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), 0xFBFBAB5A);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), 0x11C14261);
        segment[12] = (byte)((20 + padded) / 4 << 4);
        segment[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(14), 0x1234);
        options.CopyTo(segment, 20);
        payload.CopyTo(segment, 20 + padded);
        return segment;
    }

    public static byte[] IPv4(byte[] segment, byte[]? ipOptions = null)
    {
        ipOptions ??= [];
        int header = 20 + ipOptions.Length;
        byte[] packet = new byte[header + segment.Length];
        packet[0] = (byte)(0x40 | (header / 4));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = 6;
        new byte[] { 10, 11, 12, 13, 172, 27, 28, 29 }.CopyTo(packet, 12);
        ipOptions.CopyTo(packet, 20);
        segment.CopyTo(packet, header);
        FixChecksums(packet);
        return packet;
    }

    /// <summary>Each extension header begins with a placeholder for its next header.</summary>
    public static byte[] IPv6(byte[] segment, params (byte Kind, byte[] Bytes)[] extensions)
    {
        byte[] chain = [.. extensions.SelectMany(e => e.Bytes)];
        byte[] packet = new byte[40 + chain.Length + segment.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40));
        packet[7] = 64;
        packet[8] = 0xFD;
        packet[23] = 1;
        packet[24] = 0xFD;
        packet[39] = 2;
        int at = 6;
        int offset = 40;
        foreach ((byte kind, byte[] bytes) in extensions)
        {
            packet[at] = kind;
            at = offset;
            bytes.CopyTo(packet, offset);
            offset += bytes.Length;
        }

        packet[at] = 6;
        segment.CopyTo(packet, offset);
        FixChecksums(packet);
        return packet;
    }

    /// <summary>Puts right checksums into a packet, where it has fields for them; computed apart from the code under test.</summary>
    public static void FixChecksums(byte[] packet)
    {
        if (packet[0] >> 4 == 4)
        {
            packet[10] = packet[11] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~NaiveSum(packet.AsSpan(0, (packet[0] & 15) * 4)));
        }

        if (TcpPacket.TryParse(packet, out TcpPacket parsed) == DropReason.None)
        {
            int offset = parsed.TcpOffset;
            packet[offset + 16] = packet[offset + 17] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(offset + 16), NaiveTcpChecksum(parsed));
        }
    }

    /// <summary>RFC 1071 word by word; the checksum field is left out.</summary>
    public static ushort NaiveTcpChecksum(in TcpPacket packet)
    {
        byte[] segment = packet.Bytes[packet.TcpOffset..].ToArray();
        segment[16] = segment[17] = 0;
        byte[] pseudo = [.. packet.SourceAddress, .. packet.DestinationAddress, 0, 6, (byte)(segment.Length >> 8), (byte)segment.Length];
        return (ushort)~NaiveSum([.. pseudo, .. segment]);
    }

    public static ushort NaiveSum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int i = 0; i < data.Length; i++)
        {
            sum += (i & 1) == 0 ? (uint)data[i] << 8 : data[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }

    /// <summary>Asserts that a packet is well formed and that its lengths and checksums are right.</summary>
    public static void AssertSound(ReadOnlySpan<byte> packet)
    {
        Assert.Equal(DropReason.None, TcpPacket.TryParse(packet, out TcpPacket parsed));
        Assert.Equal(packet.Length, parsed.Bytes.Length);
        Assert.Equal(NaiveTcpChecksum(parsed), parsed.Checksum);
        Assert.Equal(parsed.Checksum, InternetChecksum.ComputeTcp(parsed));
        Assert.True(InternetChecksum.VerifyTcp(parsed));
        if (!parsed.IsIPv6)
        {
            int header = (packet[0] & 15) * 4;
            Assert.Equal(0xFFFF, NaiveSum(packet[..header]));
            Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(packet[10..]), InternetChecksum.ComputeIPv4Header(packet[..header]));
        }
    }

    /// <summary>A packet at the start of a larger buffer.</summary>
    public static byte[] WithRoom(byte[] packet, int room = 64) => [.. packet, .. Enumerable.Repeat((byte)0xEE, room)];

    public static JsonElement[] Vectors(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", file)));
        return [.. document.RootElement.GetProperty("vectors").EnumerateArray().Select(v => v.Clone())];
    }

    public static byte[] Hex(JsonElement vector, string name = "ip_packet_hex") => Convert.FromHexString(vector.GetProperty(name).GetString()!);

    /// <summary>Every packet of the RFC and of the Linux kernel that has right checksums or gets them here.</summary>
    public static byte[][] Real()
    {
        byte[][] packets =
        [
            .. Vectors("rfc9235.json").Select(v => Hex(v)),
            .. Vectors("linux-kernel-7.2.json").Select(v => Hex(v)),
        ];
        foreach (byte[] packet in packets)
        {
            FixChecksums(packet);
        }

        return packets;
    }

    /// <summary>The options as the vectors write them: <c>AO16/NOP/NOP/TS</c>.</summary>
    public static string Describe(ReadOnlySpan<byte> options)
    {
        var names = new List<string>();
        foreach (TcpOption option in new TcpOptionEnumerator(options))
        {
            names.Add(option.Kind switch
            {
                TcpOptionKind.TcpAo => $"AO{option.Bytes.Length}",
                TcpOptionKind.NoOperation => "NOP",
                TcpOptionKind.MaximumSegmentSize => "MSS",
                TcpOptionKind.SackPermitted => "SACKOK",
                TcpOptionKind.Timestamps => "TS",
                TcpOptionKind.WindowScale => "WS",
                TcpOptionKind.Sack => $"SACK{option.Bytes.Length}",
                TcpOptionKind.Md5Signature => "MD5",
                _ => $"{(int)option.Kind}",
            });
        }

        return string.Join('/', names);
    }
}
