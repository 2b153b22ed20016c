using System.Buffers.Binary;
using System.Net;
using TcpAo.Capture;
using TcpAo.Crypto;
using TcpAo.Keys;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Support;

/// <summary>Keys for captures, frames around packets, and the verifier run over a list of packets.</summary>
internal static class CaptureBuilder
{
    public static AoKey Key(
        MacAlgorithm? algorithm = null, byte sendId = 61, byte recvId = 84, string secret = "testvector", int? macLength = null, bool options = true, string name = "core/1") =>
        new(name, sendId, recvId, algorithm ?? MacAlgorithms.HmacSha1, Secret.FromText(secret), macLength, options);

    /// <summary>Chains named core, core2, and so on, with one key each or, in one array, several.</summary>
    public static CaptureKeys Chain(params AoKey[] keys) => new([new CaptureChain("core", new KeyRing(keys))], null, []);

    public static CaptureKeys Chains(params AoKey[][] chains) =>
        new([.. chains.Select((keys, i) => new CaptureChain(i == 0 ? "core" : $"core{i + 1}", new KeyRing(keys)))], null, []);

    /// <summary>Runs the verifier; frames count from 1. The search for a rewritten port, which takes long, is left out unless asked for.</summary>
    public static SegmentReport[] Verify(CaptureKeys keys, IEnumerable<byte[]> packets, params KnownIsns[] isns) =>
        Verify(keys, packets, lookAhead: true, isns);

    public static SegmentReport[] Verify(CaptureKeys keys, IEnumerable<byte[]> packets, bool lookAhead, params KnownIsns[] isns) =>
        Verify(keys, packets, lookAhead, isns, out _);

    public static SegmentReport[] Verify(CaptureKeys keys, IEnumerable<byte[]> packets, bool lookAhead, KnownIsns[] isns, out CaptureVerifier verifier, int portSearches = 0)
    {
        byte[][] all = [.. packets];
        verifier = new CaptureVerifier(keys, isns, lookAhead ? () => LookAhead(all, keys) : null) { PortSearches = portSearches };
        var reports = new List<SegmentReport>();
        for (int i = 0; i < all.Length; i++)
        {
            if (verifier.TryVerify(i + 1, all[i], out SegmentReport report))
            {
                reports.Add(report);
            }
        }

        if (portSearches == 0)
        {
            // what is foreseen and computed together changes nothing; as text, for a key that a hint is about is made anew by each verifier
            string[] expected = [.. reports.Select(report => report.ToString())];
            Assert.Equal(expected, VerifyTogether(keys, all, lookAhead, isns, framesAtOnce: 3).Select(report => report.ToString()));
            Assert.Equal(expected, VerifyTogether(keys, all, lookAhead, isns, framesAtOnce: CaptureBatch.Capacity).Select(report => report.ToString()));
        }

        return [.. reports];
    }

    /// <summary>The same in batches, each foreseen before the one before it is judged.</summary>
    private static List<SegmentReport> VerifyTogether(CaptureKeys keys, byte[][] packets, bool lookAhead, KnownIsns[] isns, int framesAtOnce)
    {
        var verifier = new CaptureVerifier(keys, isns, lookAhead ? () => LookAhead(packets, keys) : null) { PortSearches = 0 };
        byte[] buffer = [.. packets.SelectMany(packet => packet)];
        var reports = new List<SegmentReport>();
        var waiting = new CaptureBatch();
        var next = new CaptureBatch();
        int at = 0;
        for (int start = 0; start < packets.Length; start += framesAtOnce)
        {
            next.Clear();
            for (int i = start; i < Math.Min(packets.Length, start + framesAtOnce); i++)
            {
                next.Add(i + 1, buffer, at, packets[i].Length);
                at += packets[i].Length;
            }

            verifier.Foresee(next, buffer);
            next.ComputeMacs(buffer);
            Judge(waiting);
            (waiting, next) = (next, waiting);
        }

        Judge(waiting);
        return reports;

        void Judge(CaptureBatch batch)
        {
            for (int i = 0; i < batch.Count; i++)
            {
                if (verifier.TryVerify(batch, i, buffer, out SegmentReport report))
                {
                    reports.Add(report);
                }
            }

            batch.Clear();
        }
    }

    /// <summary>Asserts that all frames are valid but the given ones.</summary>
    public static void AssertVerdicts(SegmentReport[] reports, params (int Frame, SegmentVerdict Verdict)[] others)
    {
        var verdicts = others.ToDictionary(other => (long)other.Frame, other => other.Verdict);
        string expected = string.Join('\n', reports.Select(r => $"{r.Frame} {verdicts.GetValueOrDefault(r.Frame, SegmentVerdict.Valid)}"));
        Assert.Equal(expected, string.Join('\n', reports.Select(r => $"{r.Frame} {r.Verdict}")));
        Assert.All(reports, r => Assert.Equal(r.Verdict is SegmentVerdict.Valid or SegmentVerdict.NotTcpAo, r.Reason == DropReason.None));
    }

    public static byte[] Ethernet(byte[] ip, params ushort[] vlans)
    {
        byte[] tags = [.. vlans.SelectMany(vlan => new byte[] { 0x81, 0x00, (byte)(vlan >> 8), (byte)vlan })];
        return [.. new byte[] { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 }, .. tags, .. Type(ip), .. ip];
    }

    public static byte[] LinuxSll(byte[] ip) => [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, .. Type(ip), .. ip];

    /// <summary>Fills a frame up to the 60 bytes that Ethernet asks for, not with zeros.</summary>
    public static byte[] Padded(byte[] frame, int length = 60) => [.. frame, .. Enumerable.Repeat((byte)0xA5, Math.Max(0, length - frame.Length))];

    /// <summary>A pcap file of link type 101, RAW.</summary>
    public static byte[] Pcap(IEnumerable<byte[]> packets, uint linkType = 101)
    {
        PcapWriter file = new PcapWriter().FileHeader(linkType: linkType);
        uint time = 1_700_000_000;
        foreach (byte[] packet in packets)
        {
            file.Record(time++, 0, packet);
        }

        return file.ToArray();
    }

    /// <summary>A changed copy.</summary>
    public static byte[] Changed(byte[] packet, Action<byte[]> change)
    {
        byte[] copy = [.. packet];
        change(copy);
        return copy;
    }

    public static byte[][] With(byte[][] packets, int index, byte[] packet)
    {
        byte[][] copy = [.. packets];
        copy[index] = packet;
        return copy;
    }

    public static byte[][] Without(byte[][] packets, params int[] indices) => [.. packets.Where((_, i) => !indices.Contains(i))];

    public static SignedConnections LookAhead(byte[][] packets, CaptureKeys? keys = null)
    {
        var signed = new SignedConnections(keys);
        for (int i = 0; i < packets.Length; i++)
        {
            DropReason reason = TcpPacket.TryParse(packets[i], out TcpPacket packet, PacketOrigin.Capture);
            signed.Observe(i + 1, packet, reason);
        }

        return signed;
    }

    public static IpAddressBits Address(string text) => IpAddressBits.From(IPAddress.Parse(text));

    private static byte[] Type(byte[] ip)
    {
        byte[] type = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(type, ip[0] >> 4 == 4 ? (ushort)0x0800 : (ushort)0x86DD);
        return type;
    }
}
