using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Wire;

/// <summary>Each malformed input has its DropReason, and shows what was readable before the failure.</summary>
public sealed class TcpPacketRefusalTests
{
    [Fact]
    public void Buffer_Empty_IsTruncated() => AssertRefused([], DropReason.PacketTruncated, hasAddresses: false, hasPorts: false);

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x50)]
    [InlineData(0xF5)]
    public void Packet_OfAnotherVersion_IsRefused(byte first)
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], []));
        bytes[0] = first;
        AssertRefused(bytes, DropReason.IpVersionUnknown, hasAddresses: false, hasPorts: false);
    }

    [Fact]
    public void IPv4Packet_WithShortHeaderLength_IsRefused()
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], []));
        bytes[0] = 0x44;
        AssertRefused(bytes, DropReason.IpHeaderLength, hasAddresses: true, hasPorts: false);
    }

    [Fact]
    public void IPv4Packet_WithTotalLengthBelowItsHeader_IsRefused()
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], []));
        bytes[3] = 19;
        AssertRefused(bytes, DropReason.IpTotalLength, hasAddresses: true, hasPorts: false);
    }

    [Fact]
    public void IPv4Packet_WithoutRoomForTcp_IsRefused()
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], []));
        bytes[3] = 39;
        AssertRefused(bytes, DropReason.IpTotalLength, hasAddresses: true, hasPorts: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(41)]
    [InlineData(51)]
    public void IPv4Packet_WithAnotherProtocol_IsRefused(byte protocol)
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], []));
        bytes[9] = protocol;
        AssertRefused(bytes, DropReason.NotTcp, hasAddresses: true, hasPorts: false);
    }

    [Theory]
    [InlineData(0x20, 0x00, true)]
    [InlineData(0x20, 0x01, false)]
    [InlineData(0x00, 0x01, false)]
    [InlineData(0x1F, 0xFF, false)]
    public void IPv4Packet_Fragmented_IsRefused(byte high, byte low, bool isFirst)
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], []));
        bytes[6] = high;
        bytes[7] = low;
        AssertRefused(bytes, DropReason.IpFragment, hasAddresses: true, hasPorts: isFirst);
        TcpPacket.TryParse(bytes, out TcpPacket packet);
        Assert.Equal(isFirst, packet.IsFirstFragment);
    }

    [Fact]
    public void IPv4Packet_WithDontFragment_IsRead()
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], []));
        bytes[6] = 0x40;
        Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes, out _));
    }

    [Theory]
    [InlineData(0x00, 0x01, true)]
    [InlineData(0x00, 0x08, false)]
    [InlineData(0x00, 0x09, false)]
    [InlineData(0xFF, 0xF8, false)]
    public void IPv6Packet_Fragmented_IsRefused(byte high, byte low, bool isFirst)
    {
        byte[] bytes = Packets.IPv6(Packets.Segment([], []), (44, [0, 0, high, low, 1, 2, 3, 4]));
        AssertRefused(bytes, DropReason.IpFragment, hasAddresses: true, hasPorts: isFirst);
        TcpPacket.TryParse(bytes, out TcpPacket packet);
        Assert.Equal(isFirst, packet.IsFirstFragment);
    }

    [Theory]
    [InlineData(17)]
    [InlineData(50)]
    [InlineData(58)]
    [InlineData(59)]
    public void IPv6Packet_WithAnotherProtocol_IsRefused(byte next)
    {
        byte[] bytes = Packets.IPv6(Packets.Segment([], []), (60, new byte[8]));
        bytes[40] = next;
        AssertRefused(bytes, DropReason.NotTcp, hasAddresses: true, hasPorts: false);
        bytes[6] = next;
        AssertRefused(bytes, DropReason.NotTcp, hasAddresses: true, hasPorts: false);
    }

    [Fact]
    public void IPv6Fragment_OfAnotherProtocol_IsNotTcp()
    {
        byte[] bytes = Packets.IPv6(Packets.Segment([], []), (44, [0, 0, 0, 9, 1, 2, 3, 4]));
        bytes[40] = 17;
        AssertRefused(bytes, DropReason.NotTcp, hasAddresses: true, hasPorts: false);
    }

    [Fact]
    public void IPv6Packet_WithExtensionHeaderBeyondIt_IsRefused()
    {
        byte[] bytes = Packets.IPv6(Packets.Segment([], []), (60, [0, 3, 0, 0, 0, 0, 0, 0]));
        AssertRefused(bytes, DropReason.Ipv6ExtensionHeader, hasAddresses: true, hasPorts: false);
        bytes = Packets.IPv6([], (60, new byte[4]));
        AssertRefused(bytes, DropReason.Ipv6ExtensionHeader, hasAddresses: true, hasPorts: false);
    }

    [Fact]
    public void IPv6Packet_WithNineExtensionHeaders_IsRefused()
    {
        byte[] bytes = Packets.IPv6(Packets.Segment([], []), [.. Enumerable.Repeat(((byte)60, new byte[8]), 9)]);
        AssertRefused(bytes, DropReason.Ipv6ExtensionHeader, hasAddresses: true, hasPorts: false);
    }

    [Theory]
    [Requirement("R-005")]
    [InlineData(0x00)]
    [InlineData(0x40)]
    [InlineData(0x60)]
    public void Segment_WithWrongDataOffset_IsRefused(byte dataOffset)
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], [1, 2, 3]));
        bytes[32] = dataOffset;
        AssertRefused(bytes, DropReason.TcpHeaderLength, hasAddresses: true, hasPorts: true);
        TcpPacket.TryParse(bytes, out TcpPacket packet);
        Assert.Equal(TcpFlags.Ack, packet.Flags);
        Assert.Equal(0xFBFBAB5Au, packet.Sequence);
        Assert.True(packet.Options.IsEmpty);
        Assert.True(packet.Payload.IsEmpty);
    }

    [Theory]
    [Requirement("R-005")]
    [InlineData(new byte[] { 1, 1, 1, 8 }, DropReason.TcpOptionLength)] // no length byte
    [InlineData(new byte[] { 8, 0, 1, 1 }, DropReason.TcpOptionLength)]
    [InlineData(new byte[] { 253, 1, 1, 1 }, DropReason.TcpOptionLength)]
    [InlineData(new byte[] { 8, 10, 1, 1 }, DropReason.TcpOptionLength)] // past the header
    [InlineData(new byte[] { 1, 1, 1, 29 }, DropReason.TcpOptionLength)]
    [InlineData(new byte[] { 29, 5, 1, 1 }, DropReason.TcpOptionLength)]
    [InlineData(new byte[] { 1, 1, 1, 19 }, DropReason.TcpOptionLength)]
    [InlineData(new byte[] { 19, 18, 1, 1 }, DropReason.TcpOptionLength)]
    [InlineData(new byte[] { 19, 0, 1, 1 }, DropReason.Md5Length)]
    [InlineData(new byte[] { 19, 4, 1, 1 }, DropReason.Md5Length)]
    public void Segment_WithMalformedOption_IsRefused(byte[] options, DropReason expected) => AssertOptionsRefused(options, expected);

    [Theory]
    [Requirement("R-004")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Segment_WithAoBelowFourBytes_IsRefused(byte length)
    {
        AssertOptionsRefused([29, length, 1, 1], DropReason.AoLength);
        AssertOptionsRefused([1, 1, 29, length], DropReason.AoLength);
    }

    [Fact]
    [Requirement("R-003")]
    public void Segment_WithTwoAo_IsRefusedAndShowsTheFirst()
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([.. Packets.AoOption(4, 1, 2), .. Packets.AoOption(12, 3, 4)], []));
        AssertRefused(bytes, DropReason.AoDuplicate, hasAddresses: true, hasPorts: true);
        TcpPacket.TryParse(bytes, out TcpPacket packet);
        Assert.True(packet.HasAo);
        Assert.Equal((1, 2, 4), (packet.KeyId, packet.RNextKeyId, packet.MacLength));
    }

    [Theory]
    [Requirement("R-002")]
    [InlineData(true)]
    [InlineData(false)]
    public void Segment_WithAoAndMd5_IsRefusedAndShowsBoth(bool aoFirst)
    {
        byte[] ao = Packets.AoOption(12, 1, 2);
        byte[] bytes = Packets.IPv6(Packets.Segment(aoFirst ? [.. ao, .. Packets.Md5Option] : [.. Packets.Md5Option, .. ao], []));
        AssertRefused(bytes, DropReason.AoWithMd5, hasAddresses: true, hasPorts: true);
        TcpPacket.TryParse(bytes, out TcpPacket packet);
        Assert.True(packet.HasAo);
        Assert.True(packet.HasMd5);
        Assert.Equal(1, packet.KeyId);
    }

    [Fact]
    public void Segment_WithTwoMd5_IsRefused() =>
        AssertOptionsRefused([.. Packets.Md5Option, .. Packets.Md5Option], DropReason.Md5Duplicate);

    [Fact]
    public void Packet_CutAnywhere_IsTruncatedOnTheNetwork()
    {
        foreach (byte[] packet in Samples())
        {
            for (int length = 0; length < packet.Length; length++)
            {
                Assert.Equal(DropReason.PacketTruncated, TcpPacket.TryParse(packet.AsSpan(0, length), out TcpPacket parsed));
                TcpPacketTests.Touch(parsed);
                Assert.Equal(length >= (packet[0] >> 4 == 4 ? 20 : 40), parsed.HasAddresses);
                TcpPacket.TryParse(packet, out TcpPacket whole);
                Assert.Equal(length >= whole.TcpOffset + 4, parsed.HasPorts);
                Assert.Equal(length >= whole.TcpOffset + 20 ? whole.Sequence : 0, parsed.Sequence);
            }
        }
    }

    [Fact]
    public void Capture_CutAnywhere_IsReadWhenTheTcpHeaderIsThere()
    {
        foreach (byte[] packet in Samples())
        {
            TcpPacket.TryParse(packet, out TcpPacket whole);
            for (int length = 0; length < packet.Length; length++)
            {
                DropReason reason = TcpPacket.TryParse(packet.AsSpan(0, length), out TcpPacket parsed, PacketOrigin.Capture);
                TcpPacketTests.Touch(parsed);
                Assert.Equal(length >= whole.PayloadOffset ? DropReason.None : DropReason.PacketTruncated, reason);
                Assert.Equal(length >= whole.TcpOffset + 4, parsed.HasPorts);
                if (reason == DropReason.None)
                {
                    Assert.True(parsed.IsTruncated);
                    Assert.Equal(whole.SegmentLength, parsed.SegmentLength);
                    Assert.Equal(whole.Mac.ToArray(), parsed.Mac.ToArray());
                }
            }
        }
    }

    private static IEnumerable<byte[]> Samples()
    {
        byte[] segment = Packets.Segment([.. Packets.AoOption(12), .. Packets.PaddedTimestamps], [1, 2, 3, 4, 5]);
        yield return Packets.IPv4(segment);
        yield return Packets.IPv4(segment, new byte[8]);
        yield return Packets.IPv6(segment);
        yield return Packets.IPv6(segment, (0, new byte[8]), (44, new byte[8]), (51, [0, 4, .. new byte[22]]));
    }

    private static void AssertOptionsRefused(byte[] options, DropReason expected)
    {
        byte[] segment = Packets.Segment(options, [1, 2]);
        AssertRefused(Packets.IPv4(segment), expected, hasAddresses: true, hasPorts: true);
        AssertRefused(Packets.IPv6(segment), expected, hasAddresses: true, hasPorts: true);
        TcpPacket.TryParse(Packets.IPv4(segment), out TcpPacket packet);
        Assert.Equal(TcpFlags.Ack, packet.Flags);
        Assert.Equal(179, packet.DestinationPort);
        Assert.Equal([1, 2], packet.Payload.ToArray());
    }

    private static void AssertRefused(byte[] bytes, DropReason expected, bool hasAddresses, bool hasPorts)
    {
        foreach (PacketOrigin origin in Enum.GetValues<PacketOrigin>())
        {
            Assert.Equal(expected, TcpPacket.TryParse(bytes, out TcpPacket packet, origin));
            TcpPacketTests.Touch(packet);
            Assert.Equal(hasAddresses, packet.HasAddresses);
            Assert.Equal(hasPorts, packet.HasPorts);
        }
    }
}
