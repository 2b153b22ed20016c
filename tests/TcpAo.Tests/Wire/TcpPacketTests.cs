using System.Text.Json;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Wire;

/// <summary>What TcpPacket reads from sound packets (RFC 791, RFC 8200, RFC 9293, RFC 5925 section 2.2).</summary>
public sealed class TcpPacketTests
{
    [Fact]
    [Requirement("R-001")]
    public void Packet_OfRfc9235_ShowsKeyIdsAndMac()
    {
        JsonElement[] vectors = Packets.Vectors("rfc9235.json");
        Assert.Equal(32, vectors.Length);
        foreach (JsonElement vector in vectors)
        {
            AssertVector(vector, "ip_packet_hex");
            AssertVector(vector, "ip_packet_hex_checksum_fixed");
            Assert.Equal(DropReason.None, TcpPacket.TryParse(Packets.Hex(vector, "ip_packet_hex_checksum_fixed"), out TcpPacket packet));
            Assert.True(InternetChecksum.VerifyTcp(packet));
            Assert.Equal(vector.GetProperty("ip_version").GetInt32() == 6, packet.IsIPv6);
            TcpPacket.TryParse(Packets.Hex(vector), out packet);
            Assert.Equal(vector.GetProperty("tcp_checksum_valid").GetBoolean(), InternetChecksum.VerifyTcp(packet));
        }
    }

    [Fact]
    [Requirement("R-001", "R-034")]
    public void Packet_OfLinux_ShowsKeyIdsMacAndOptions()
    {
        JsonElement[] vectors = Packets.Vectors("linux-kernel-7.2.json");
        Assert.Equal(123, vectors.Length);
        foreach (JsonElement vector in vectors)
        {
            AssertVector(vector, "ip_packet_hex");
            TcpPacket.TryParse(Packets.Hex(vector), out TcpPacket packet);
            Assert.Equal(vector.GetProperty("options").GetString(), Packets.Describe(packet.Options));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(40)]
    public void IPv4Packet_WithIpOptions_IsReadBehindThem(int ipOptions)
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([.. Packets.Mss, .. Packets.AoOption(12)], [1, 2, 3], TcpFlags.Syn | TcpFlags.Fin), new byte[ipOptions]);
        Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes, out TcpPacket packet));
        Assert.False(packet.IsIPv6);
        Assert.Equal([10, 11, 12, 13], packet.SourceAddress.ToArray());
        Assert.Equal([172, 27, 28, 29], packet.DestinationAddress.ToArray());
        Assert.Equal(20 + ipOptions, packet.TcpOffset);
        Assert.Equal(40, packet.TcpHeaderLength);
        Assert.Equal(60 + ipOptions, packet.PayloadOffset);
        Assert.Equal(43, packet.SegmentLength);
        Assert.Equal(40000, packet.SourcePort);
        Assert.Equal(179, packet.DestinationPort);
        Assert.Equal(0xFBFBAB5Au, packet.Sequence);
        Assert.Equal(0x11C14261u, packet.Acknowledgment);
        Assert.Equal(TcpFlags.Syn | TcpFlags.Fin, packet.Flags);
        Assert.Equal(0x1234, packet.Window);
        Assert.Equal(5u, packet.SegmentSequenceLength);
        Assert.Equal([1, 2, 3], packet.Payload.ToArray());
        Assert.Equal(24, packet.AoOffset);
        Assert.Equal(16, packet.AoLength);
        Assert.Equal(12, packet.MacLength);
        Assert.Equal(61, packet.KeyId);
        Assert.Equal(84, packet.RNextKeyId);
        Assert.Equal(Packets.AoOption(12)[4..], packet.Mac.ToArray());
        Assert.False(packet.HasMd5 || packet.IsTruncated || packet.IsFirstFragment);
    }

    [Fact]
    [Requirement("R-006")]
    public void Segment_WithAoWithoutMac_IsRead()
    {
        Assert.Equal(DropReason.None, TcpPacket.TryParse(Packets.IPv4(Packets.Segment(Packets.AoOption(0), [])), out TcpPacket packet));
        Assert.True(packet.HasAo);
        Assert.Equal(0, packet.MacLength);
        Assert.True(packet.Mac.IsEmpty);
    }

    [Fact]
    [Requirement("R-015")]
    public void Segment_WithAnyKeyId_IsRead()
    {
        for (int id = 0; id < 256; id++)
        {
            byte[] bytes = Packets.IPv4(Packets.Segment(Packets.AoOption(12, (byte)id, (byte)(255 - id)), []));
            Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes, out TcpPacket packet));
            Assert.Equal(id, packet.KeyId);
            Assert.Equal(255 - id, packet.RNextKeyId);
        }
    }

    [Fact]
    [Requirement("R-008")]
    public void Segment_WithAnyMacLength_IsRead()
    {
        for (int length = 0; length <= 36; length++)
        {
            Assert.Equal(DropReason.None, TcpPacket.TryParse(Packets.IPv4(Packets.Segment(Packets.AoOption(length), [])), out TcpPacket packet));
            Assert.Equal(length, packet.MacLength);
        }
    }

    [Fact]
    public void Segment_WithMd5_ShowsDigest()
    {
        byte[] bytes = Packets.IPv6(Packets.Segment([1, 1, .. Packets.Md5Option], [9]));
        Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes, out TcpPacket packet));
        Assert.True(packet.HasMd5);
        Assert.False(packet.HasAo);
        Assert.Equal(22, packet.Md5Offset);
        Assert.Equal(Packets.Md5Option[2..], packet.Md5Digest.ToArray());
    }

    [Fact]
    public void Segment_WithUnknownOption_IsRead()
    {
        Assert.Equal(DropReason.None, TcpPacket.TryParse(Packets.IPv4(Packets.Segment([253, 6, 1, 2, 3, 4, 254, 2], [])), out TcpPacket packet));
        Assert.Equal("253/254", Packets.Describe(packet.Options));
    }

    [Fact]
    public void Options_BehindEndOfList_AreNotJudged()
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([.. Packets.Mss, 0, Packets.Ao, 1, 255], []));
        Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes, out TcpPacket packet));
        Assert.False(packet.HasAo);
    }

    [Fact]
    public void Packet_WithLinkPadding_IsCutToItsLength()
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], [7]));
        Assert.Equal(DropReason.None, TcpPacket.TryParse([.. bytes, 0, 0, 0, 0, 0], out TcpPacket packet));
        Assert.Equal(bytes, packet.Bytes.ToArray());
        Assert.Equal([7], packet.Payload.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(43)]
    [InlineData(60)]
    [InlineData(135)]
    public void IPv6Packet_WithExtensionHeader_IsReadBehindIt(byte kind)
    {
        byte[] extension = new byte[24];
        extension[1] = 2;
        AssertReadBehind(64, (kind, extension));
    }

    [Fact]
    public void IPv6Packet_WithAuthenticationHeader_IsReadBehindIt() => AssertReadBehind(64, (51, [0, 4, .. new byte[22]]));

    [Fact]
    public void IPv6Packet_WithAtomicFragment_IsReadBehindIt() => AssertReadBehind(48, (44, [0, 0, 0, 6, 1, 2, 3, 4]));

    [Fact]
    public void IPv6Packet_WithEightExtensionHeaders_IsRead() =>
        AssertReadBehind(104, [.. Enumerable.Repeat(((byte)60, new byte[8]), 8)]);

    [Fact]
    public void Capture_WithoutIPv4Length_TakesTheLengthOfTheBuffer()
    {
        byte[] bytes = Packets.IPv4(Packets.Segment([], [1, 2, 3]));
        bytes[2] = bytes[3] = 0;
        Assert.Equal(DropReason.IpTotalLength, TcpPacket.TryParse(bytes, out _));
        Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes, out TcpPacket packet, PacketOrigin.Capture));
        Assert.Equal(23, packet.SegmentLength);
        Assert.False(packet.IsTruncated);
    }

    [Fact]
    public void Capture_WithoutIPv6Length_TakesTheLengthOfTheBuffer()
    {
        byte[] bytes = Packets.IPv6(Packets.Segment([], [1, 2, 3]));
        bytes[4] = bytes[5] = 0;
        Assert.Equal(DropReason.IpTotalLength, TcpPacket.TryParse(bytes, out _));
        Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes, out TcpPacket packet, PacketOrigin.Capture));
        Assert.Equal(23, packet.SegmentLength);
        Assert.Equal([1, 2, 3], packet.Payload.ToArray());
    }

    [Fact]
    [Requirement("R-031")]
    public void Capture_CutInThePayload_KeepsTheLengthAsSent()
    {
        byte[] bytes = Packets.IPv6(Packets.Segment(Packets.AoOption(12), new byte[100], TcpFlags.Fin));
        Assert.Equal(DropReason.PacketTruncated, TcpPacket.TryParse(bytes.AsSpan(0, 86), out TcpPacket packet));
        Assert.False(packet.IsTruncated);
        Assert.Equal(179, packet.DestinationPort);
        Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes.AsSpan(0, 86), out packet, PacketOrigin.Capture));
        Assert.True(packet.IsTruncated);
        Assert.Equal(136, packet.SegmentLength);
        Assert.Equal(101u, packet.SegmentSequenceLength);
        Assert.Equal(10, packet.Payload.Length);
        Assert.Equal(61, packet.KeyId);
        Assert.False(InternetChecksum.VerifyTcp(packet));
    }

    [Fact]
    public void View_NeverParsed_IsEmptyAndDoesNotThrow()
    {
        TcpPacket packet = default;
        Assert.Equal(0, Touch(packet));
    }

    /// <summary>Reads every property; the sum of what they say.</summary>
    internal static long Touch(in TcpPacket packet)
    {
        long sum = packet.Bytes.Length + packet.SourceAddress.Length + packet.DestinationAddress.Length;
        sum += packet.TcpOffset + packet.TcpHeaderLength + packet.PayloadOffset + packet.SegmentLength;
        sum += packet.SourcePort + packet.DestinationPort + packet.Window + packet.Checksum;
        sum += packet.Sequence + packet.Acknowledgment + (long)packet.Flags + packet.SegmentSequenceLength;
        sum += packet.TcpHeader.Length + packet.Options.Length + packet.Payload.Length;
        sum += packet.AoOffset + packet.AoLength + packet.MacLength + packet.KeyId + packet.RNextKeyId + packet.Mac.Length;
        sum += packet.Md5Offset + packet.Md5Digest.Length;
        sum += packet.HasAddresses || packet.HasPorts || packet.IsFirstFragment || packet.IsTruncated || packet.IsIPv6 ? 1 : 0;
        sum += InternetChecksum.ComputeTcp(packet);
        foreach (TcpOption option in new TcpOptionEnumerator(packet.Options))
        {
            sum += option.Offset + option.Bytes.Length + option.Data.Length;
        }

        return sum;
    }

    private static void AssertReadBehind(int tcpOffset, params (byte Kind, byte[] Bytes)[] extensions)
    {
        byte[] bytes = Packets.IPv6(Packets.Segment(Packets.AoOption(12), [5, 6]), extensions);
        Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes, out TcpPacket packet));
        Assert.True(packet.IsIPv6);
        Assert.Equal(tcpOffset, packet.TcpOffset);
        Assert.Equal(38, packet.SegmentLength);
        Assert.Equal(179, packet.DestinationPort);
        Assert.Equal(61, packet.KeyId);
        Assert.Equal(16, packet.SourceAddress.Length);
        Assert.Equal(2, packet.DestinationAddress[15]);
    }

    private static void AssertVector(JsonElement vector, string packetName)
    {
        byte[] bytes = Packets.Hex(vector, packetName);
        Assert.Equal(DropReason.None, TcpPacket.TryParse(bytes, out TcpPacket packet));
        Assert.Equal(bytes.Length, packet.Bytes.Length);
        Assert.Equal(bytes.Length, packet.TcpOffset + packet.SegmentLength);
        Assert.Equal(vector.GetProperty("key_id").GetInt32(), packet.KeyId);
        Assert.Equal(vector.GetProperty("rnext_key_id").GetInt32(), packet.RNextKeyId);
        Assert.Equal(vector.GetProperty("mac_length").GetInt32(), packet.MacLength);
        Assert.Equal(vector.GetProperty("mac_hex").GetString(), Convert.ToHexStringLower(packet.Mac));
    }
}
