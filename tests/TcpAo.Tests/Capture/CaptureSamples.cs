using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Capture;

/// <summary>Files of every format and byte order that hold the same three frames.</summary>
internal static class CaptureSamples
{
    public const uint Seconds = 1_700_000_000;
    public const uint Micros = 123_456;
    public const long Time = (Seconds * 1_000_000_000L) + (Micros * 1000L);
    public const int LinkType = 101;

    public static readonly byte[] First = [.. Enumerable.Range(1, 61).Select(i => (byte)i)];
    public static readonly byte[] Second = [];
    public static readonly byte[] Third = [0xAA, 0xBB, 0xCC];
    public const uint ThirdOriginal = 1500;

    public static TheoryData<string, bool> All => new(
        from name in new[] { "pcap-us", "pcap-ns", "pcap-modified", "pcapng-enhanced", "pcapng-simple", "pcapng-obsolete" }
        from bigEndian in new[] { false, true }
        select (name, bigEndian));

    /// <summary>A sample, and the offsets at which it may be cut without a record or block being broken.</summary>
    public static (byte[] File, HashSet<int> Ends) Make(string name, bool bigEndian)
    {
        PcapWriter writer = new(bigEndian);
        HashSet<int> ends = [];
        Action[] steps = name switch
        {
            "pcap-us" => Classic(writer, PcapWriter.Microseconds, 1),
            "pcap-ns" => Classic(writer, PcapWriter.Nanoseconds, 1000),
            "pcap-modified" => Classic(writer, PcapWriter.Modified, 1),
            _ => Blocks(writer, name),
        };
        foreach (Action step in steps)
        {
            step();
            ends.Add(writer.Length);
        }

        return (writer.ToArray(), ends);
    }

    private static Action[] Classic(PcapWriter writer, uint magic, uint ticksPerMicrosecond) =>
    [
        () => writer.FileHeader(magic, LinkType),
        () => writer.Record(Seconds, Micros * ticksPerMicrosecond, First),
        () => writer.Record(Seconds, Micros * ticksPerMicrosecond, Second),
        () => writer.Record(Seconds, Micros * ticksPerMicrosecond, Third, ThirdOriginal),
    ];

    private static Action[] Blocks(PcapWriter writer, string name)
    {
        const ulong Ticks = Time / 1000;
        return
        [
            () => writer.Section(1, (4, "a test"u8.ToArray())),
            () => writer.Interface(LinkType, 0, (2, "eth0"u8.ToArray())),
            () => Packet(First, null),
            () => writer.NameResolution(),
            () => Packet(Second, null),
            () => writer.Block(0x0BAD, body => body.U32(1)),
            () => writer.Section(),
            () => writer.Interface(LinkType, (uint)Third.Length), // a Simple Packet Block has no captured length: this is it
            () => Packet(Third, ThirdOriginal),
            () => writer.Block(5, body => body.U32(0).U32(0).U32(0)),
        ];

        void Packet(byte[] data, uint? original) => _ = name switch
        {
            "pcapng-enhanced" => writer.EnhancedPacket(0, Ticks, data, original, null, (1, "a comment"u8.ToArray())),
            "pcapng-simple" => writer.SimplePacket(data, original),
            _ => writer.ObsoletePacket(0, Ticks, data, original),
        };
    }
}
