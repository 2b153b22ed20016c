using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Support;

/// <summary>One way to change a signed packet on the path, by name. IP and TCP checksums are left wrong: nobody looks at them.</summary>
internal sealed record Corruption(string Name, Action<byte[], int> Change)
{
    /// <summary>Whether the segment then belongs to another socket pair, whose handshake nobody has seen.</summary>
    public bool IsElsewhere => Name.StartsWith("port", StringComparison.Ordinal) || Name.StartsWith("address", StringComparison.Ordinal);

    /// <summary>Every kind of place, the first and the last bit of each; the second argument is where the TCP header begins.</summary>
    public static Corruption[] All { get; } =
    [
        Flip("port-source-high", 0, 0x80),
        Flip("port-source-low", 1, 1),
        Flip("port-destination-low", 3, 1),
        Flip("seq-first", 4, 0x80),
        Flip("seq-last", 7, 1),
        Flip("ack-first", 8, 0x80),
        Flip("ack-last", 11, 1),
        Flip("offset-less", 12, 0x10),
        Flip("offset-more", 12, 0x80),
        Flip("reserved-1", 12, 8),
        Flip("reserved-3", 12, 1),
        .. Enumerable.Range(0, 8).Select(bit => Flip($"flag-{bit}", 13, (byte)(1 << bit))),
        Flip("window-first", 14, 0x80),
        Flip("window-last", 15, 1),
        Flip("urgent-first", 18, 0x80),
        Flip("urgent-last", 19, 1),
        new("address-source", (packet, _) => packet[packet[0] >> 4 == 4 ? 12 : 23] ^= 1),
        new("address-destination", (packet, _) => packet[packet[0] >> 4 == 4 ? 19 : 39] ^= 1),
        InAo("mac-first", 4, 0x80),
        new("mac-last", (packet, tcp) => packet[AoAt(packet, tcp) + packet[AoAt(packet, tcp) + 1] - 1] ^= 1),
        InAo("key-id", 2, 1),
        InAo("rnext-key-id", 3, 0x80),
        InAo("ao-kind", 0, 1),
        InAo("ao-length-less", 1, 1),
        InAo("ao-length-more", 1, 0x20),
        new("option-value", (packet, tcp) => packet[tcp + ((packet[tcp + 12] >> 4) * 4) - 1] ^= 1),
        new("payload-first", (packet, tcp) => FlipPayload(packet, tcp, first: true)),
        new("payload-last", (packet, tcp) => FlipPayload(packet, tcp, first: false)),
    ];

    public static Corruption Named(string name) => All.Single(corruption => string.Equals(corruption.Name, name, StringComparison.Ordinal));

    /// <summary>A changed copy; null where the packet has no such place.</summary>
    public byte[]? Apply(byte[] packet)
    {
        TcpPacket.TryParse(packet, out TcpPacket parsed);
        if (Name.StartsWith("payload", StringComparison.Ordinal) && parsed.Payload.IsEmpty)
        {
            return null;
        }

        byte[] copy = [.. packet];
        Change(copy, parsed.TcpOffset);
        Assert.NotEqual(packet, copy);
        return copy;
    }

    public override string ToString() => Name;

    private static Corruption Flip(string name, int place, byte bits) => new(name, (packet, tcp) => packet[tcp + place] ^= bits);

    private static Corruption InAo(string name, int place, byte bits) => new(name, (packet, tcp) => packet[AoAt(packet, tcp) + place] ^= bits);

    // our editor puts it first
    private static int AoAt(byte[] packet, int tcp)
    {
        Assert.Equal(29, packet[tcp + 20]);
        return tcp + 20;
    }

    private static void FlipPayload(byte[] packet, int tcp, bool first)
    {
        int start = tcp + ((packet[tcp + 12] >> 4) * 4);
        packet[first ? start : packet.Length - 1] ^= first ? (byte)0x80 : (byte)1;
    }
}
