using System.Buffers.Binary;
using TcpAo.Fuzz.Oracle;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Seeds;

/// <summary>Packets made byte by byte.</summary>
internal static class SeedPackets
{
    public static readonly byte[] Mss = [2, 4, 0x05, 0xB4];
    public static readonly byte[] Timestamps = [1, 1, 8, 10, 0, 1, 2, 3, 0, 5, 6, 7];
    public static readonly byte[] Sack = [1, 1, 5, 26, .. Enumerable.Range(1, 24).Select(i => (byte)i)];
    public static readonly byte[] Md5 = [1, 1, 19, 18, .. Enumerable.Range(1, 16).Select(i => (byte)i)];

    private static readonly byte[] s_v4 = [192, 0, 2, 1, 198, 51, 100, 2];
    private static readonly byte[] s_v6 = [0x20, 1, 0x0D, 0xB8, .. new byte[11], 1, 0x20, 1, 0x0D, 0xB8, .. new byte[11], 2];

    /// <summary>One of each kind that the parser treats apart.</summary>
    public static IEnumerable<byte[]> All
    {
        get
        {
            byte[] plain = Segment([], "data"u8.ToArray());
            byte[] signed = Segment([.. Ao(12), .. Timestamps], "data"u8.ToArray());
            yield return IPv4(plain);
            yield return IPv4(signed);
            yield return IPv4(Segment([.. Mss, 1, 3, 3, 7, 4, 2, .. Timestamps], [], TcpFlags.Syn));
            yield return IPv4(Segment([.. Mss, .. Ao(12), .. Timestamps], [], TcpFlags.Syn), [7, 3, 4, 0]);
            yield return IPv4(Segment([.. Timestamps, .. Sack], "selective"u8.ToArray()));
            yield return IPv4(Segment(Md5, "digest"u8.ToArray()));
            yield return IPv4(Segment([.. Ao(36)], []));
            yield return IPv4(Segment([.. Ao(0)], [1]));
            yield return IPv6(signed);
            yield return IPv6(Segment(Md5, []));
            yield return IPv6(plain, (0, [0, 0, 1, 4, 0, 0, 0, 0]), (60, [0, 1, 1, 12, .. new byte[12]]));
            yield return IPv6(plain, (43, [0, 0, 4, 0, 0, 0, 0, 0]), (44, [0, 0, 0, 0, 1, 2, 3, 4]));
            yield return IPv6(signed, (51, [0, 4, 0, 0, .. new byte[20]]), (135, [0, 0, 1, 0, 0, 0, 0, 0]));
        }
    }

    public static byte[] Ao(int macLength, byte keyId = 1, byte rnextKeyId = 1)
    {
        byte[] option = [29, (byte)(4 + macLength), keyId, rnextKeyId, .. Enumerable.Range(1, macLength).Select(i => (byte)(i * 37))];
        return [.. option, .. Enumerable.Repeat((byte)1, -option.Length & 3)];
    }

    /// <summary>A segment; the options are filled up with zeros.</summary>
    public static byte[] Segment(
        byte[] options, byte[] payload, TcpFlags flags = TcpFlags.Ack, uint sequence = 1, uint acknowledgment = 1, ushort sourcePort = 40000, ushort destinationPort = 179)
    {
        int header = 20 + ((options.Length + 3) & ~3);
        byte[] segment = new byte[header + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(segment, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(8), acknowledgment);
        segment[12] = (byte)(header / 4 << 4);
        segment[13] = (byte)flags;
        segment[14] = 0xFF;
        options.CopyTo(segment, 20);
        payload.CopyTo(segment, header);
        return segment;
    }

    public static byte[] IPv4(byte[] segment, byte[]? options = null, bool isReply = false)
    {
        int header = 20 + (options?.Length ?? 0);
        byte[] packet = new byte[header + segment.Length];
        packet[0] = (byte)(0x40 | (header / 4));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = 6;
        s_v4.CopyTo(packet, 12);
        if (isReply)
        {
            ((byte[])[.. s_v4[4..], .. s_v4[..4]]).CopyTo(packet, 12);
        }

        options?.CopyTo(packet, 20);
        segment.CopyTo(packet, header);
        Checksums.Fix(packet);
        return packet;
    }

    /// <summary>The first byte of an extension header is overwritten: it says what follows.</summary>
    public static byte[] IPv6(byte[] segment, params (byte Kind, byte[] Bytes)[] extensions) => IPv6(segment, isReply: false, extensions);

    public static byte[] IPv6(byte[] segment, bool isReply, params (byte Kind, byte[] Bytes)[] extensions)
    {
        List<byte> packet = [0x60, 0, 0, 0, 0, 0, 6, 64, .. isReply ? (byte[])[.. s_v6[16..], .. s_v6[..16]] : s_v6];
        int next = 6;
        foreach ((byte kind, byte[] bytes) in extensions)
        {
            packet[next] = kind;
            next = packet.Count;
            packet.AddRange(bytes);
            packet[next] = 6;
        }

        packet.AddRange(segment);
        packet[4] = (byte)((packet.Count - 40) >> 8);
        packet[5] = (byte)(packet.Count - 40);
        byte[] result = [.. packet];
        Checksums.Fix(result);
        return result;
    }
}
