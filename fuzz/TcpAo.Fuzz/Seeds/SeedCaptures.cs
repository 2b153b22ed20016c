using System.Buffers.Binary;
using TcpAo.Fuzz.Engine;
using TcpAo.Wire;

namespace TcpAo.Fuzz.Seeds;

/// <summary>Capture files of every format and byte order, with segments that two engines signed for each other.</summary>
internal static class SeedCaptures
{
    private const uint Seconds = 1_700_000_000;

    public static IEnumerable<byte[]> All
    {
        get
        {
            byte[][] dialogue = Dialogue(EnginePair.Create(PairSetup.Default), isIPv6: false);
            byte[][] dialogue6 = Dialogue(EnginePair.Create(PairSetup.Default), isIPv6: true);
            byte[][] md5 = Dialogue(EnginePair.Create(PairSetup.Default with { UsesMd5 = true }), isIPv6: false);
            yield return Pcap(0xA1B2C3D4, 101, dialogue);
            yield return Pcap(0xA1B23C4D, 101, dialogue6, bigEndian: true);
            yield return Pcap(0xA1B2CD34, 228, md5);
            yield return Pcap(0xA1B2C3D4, 1, [.. dialogue.Select(packet => (byte[])[.. new byte[12], 0x81, 0, 0, 5, 8, 0, .. packet])]);
            yield return Pcap(0xA1B2C3D4, 113, [.. dialogue6.Select(packet => (byte[])[.. new byte[14], 0x86, 0xDD, .. packet])]);
            yield return Pcap(0xA1B2C3D4, 276, [.. dialogue.Select(packet => (byte[])[8, 0, .. new byte[18], .. packet])]);
            yield return Pcap(0xA1B2C3D4, 0x2400_0009, [.. dialogue.Select(packet => (byte[])[0xFF, 3, 0, 0x21, .. packet, 1, 2, 3, 4])]);
            yield return Pcap(0xA1B2C3D4, 0, [.. dialogue.Select(packet => (byte[])[2, 0, 0, 0, .. packet])]);
            yield return Pcap(0xA1B2C3D4, 101, [.. SeedPackets.All, SignedSyn(36), SignedSyn(0), SignedSyn(16)]);
            yield return Pcapng(dialogue, type: 6);
            yield return Pcapng(dialogue6, type: 6, bigEndian: true);
            yield return Pcapng(md5, type: 3);
            yield return Pcapng(dialogue, type: 2);
        }
    }

    private static byte[] SignedSyn(int macLength) => SeedPackets.IPv4(SeedPackets.Segment(SeedPackets.Ao(macLength), [], TcpFlags.Syn));

    /// <summary>A handshake, some data both ways, and an end; each packet as it is on the wire.</summary>
    private static byte[][] Dialogue(EnginePair pair, bool isIPv6)
    {
        List<byte[]> packets = [];
        Send(fromA: true, TcpFlags.Syn, 100, 0, []);
        Send(fromA: false, TcpFlags.Syn | TcpFlags.Ack, 500, 101, []);
        Send(fromA: true, TcpFlags.Ack, 101, 501, []);
        Send(fromA: true, TcpFlags.Ack | TcpFlags.Psh, 101, 501, "hello"u8.ToArray());
        Send(fromA: false, TcpFlags.Ack | TcpFlags.Fin, 501, 106, "bye"u8.ToArray());
        Send(fromA: true, TcpFlags.Rst | TcpFlags.Ack, 106, 505, []);
        return [.. packets];

        void Send(bool fromA, TcpFlags flags, uint sequence, uint acknowledgment, byte[] payload)
        {
            byte[] segment = SeedPackets.Segment(
                SeedPackets.Timestamps, payload, flags, sequence, acknowledgment, fromA ? (ushort)40000 : (ushort)179, fromA ? (ushort)179 : (ushort)40000);
            byte[] plain = isIPv6 ? SeedPackets.IPv6(segment, isReply: !fromA) : SeedPackets.IPv4(segment, null, isReply: !fromA);
            packets.Add(pair.Carry(plain, fromA));
        }
    }

    private static byte[] Pcap(uint magic, uint linkType, byte[][] frames, bool bigEndian = false)
    {
        List<byte> file = [];
        Add(file, bigEndian, magic, bigEndian ? 0x0002_0004u : 0x0004_0002u, 0, 0, 65535, linkType);
        foreach (byte[] frame in frames)
        {
            Add(file, bigEndian, Seconds, (uint)file.Count, (uint)frame.Length, (uint)frame.Length);
            if (magic == 0xA1B2CD34)
            {
                Add(file, bigEndian, 1, 0);
            }

            file.AddRange(frame);
        }

        return [.. file];
    }

    private static byte[] Pcapng(byte[][] frames, uint type, bool bigEndian = false)
    {
        List<byte> file = [];
        Block(file, bigEndian, 0x0A0D0D0A, [.. Words(bigEndian, 0x1A2B3C4D, bigEndian ? 0x0001_0000u : 1u, 0xFFFF_FFFF, 0xFFFF_FFFF)]);
        byte[] resolution = bigEndian ? [0, 9, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0] : [9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0];
        Block(file, bigEndian, 1, [.. Words(bigEndian, bigEndian ? 0x0065_0000u : 0x65u, 0), .. resolution]);
        foreach (byte[] frame in frames)
        {
            uint length = (uint)frame.Length;
            byte[] header = type == 3 ? Words(bigEndian, length) : Words(bigEndian, 0, 0x0005_0000, (uint)file.Count, length, length);
            Block(file, bigEndian, type, [.. header, .. frame, .. new byte[-frame.Length & 3]]);
        }

        return [.. file];
    }

    private static void Block(List<byte> file, bool bigEndian, uint type, byte[] body)
    {
        uint length = (uint)body.Length + 12;
        Add(file, bigEndian, type, length);
        file.AddRange(body);
        Add(file, bigEndian, length);
    }

    private static void Add(List<byte> file, bool bigEndian, params ReadOnlySpan<uint> words) => file.AddRange(Words(bigEndian, words));

    private static byte[] Words(bool bigEndian, params ReadOnlySpan<uint> words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), bigEndian ? BinaryPrimitives.ReverseEndianness(words[i]) : words[i]);
        }

        return bytes;
    }
}
