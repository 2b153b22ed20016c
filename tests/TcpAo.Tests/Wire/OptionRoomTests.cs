using System.Buffers.Binary;
using TcpAo.Tests.Support;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Wire;

/// <summary>Room for an option that the stack does not know of: MSS and MTU .</summary>
public sealed class OptionRoomTests
{
    [Theory]
    [InlineData(false, 1460, 0, 1444)]
    [InlineData(false, 1460, 1500, 1444)]
    [InlineData(false, 1460, 1400, 1344)]
    [InlineData(false, 8960, 1500, 1444)]
    [InlineData(false, 10, 1500, 10)]
    [InlineData(true, 1440, 0, 1424)]
    [InlineData(true, 1440, 1280, 1204)]
    [InlineData(true, 8940, 9000, 8924)]
    [Requirement("R-086")]
    public void Syn_MssAnnounced_BecomesWhatFitsLessTheOption(bool isIPv6, int announced, int routeMtu, int expected)
    {
        byte[] mss = [2, 4, (byte)(announced >> 8), (byte)announced];
        byte[] packet = Syn(isIPv6, [.. mss, .. Packets.PaddedTimestamps]);
        byte[] buffer = Packets.WithRoom(packet);
        int length = packet.Length;

        Assert.True(OptionRoom.LowerMss(buffer, ref length, TcpOptionKind.TcpAo, 16, routeMtu));

        Assert.Equal(packet.Length, length);
        Assert.True(TcpPacketEditor.TryGetMss(buffer, length, out ushort lowered));
        Assert.Equal(expected, lowered);
        Packets.AssertSound(buffer.AsSpan(0, length));
    }

    [Theory]
    [InlineData(false, 536 - 16)]
    [InlineData(true, 1220 - 16)]
    [Requirement("R-086")]
    public void Syn_NoMssAnnounced_GetsTheDefaultLessTheOption(bool isIPv6, int expected)
    {
        byte[] packet = Syn(isIPv6, [.. Packets.AoOption(12), .. Packets.PaddedTimestamps]);
        byte[] buffer = Packets.WithRoom(packet);
        int length = packet.Length;

        Assert.True(OptionRoom.LowerMss(buffer, ref length, TcpOptionKind.TcpAo, 16, 1500));

        Assert.True(TcpPacketEditor.TryGetMss(buffer, length, out ushort mss));
        Assert.Equal(expected, mss);
        Packets.AssertSound(buffer.AsSpan(0, length));
    }

    [Fact]
    [Requirement("R-086")]
    public void Syn_NoMssAndAFullHeader_TheVerifiedOptionGivesUpItsPlace()
    {
        byte[] packet = Syn(false, [.. Packets.AoOption(16), .. Packets.PaddedTimestamps, .. Packets.Nops(8)]);
        packet[20 + 20 + 32] = 254; // an option that nobody knows, and no padding, fills the header
        packet[20 + 20 + 33] = 8;
        Packets.FixChecksums(packet);
        byte[] buffer = Packets.WithRoom(packet);
        int length = packet.Length;

        Assert.True(OptionRoom.LowerMss(buffer, ref length, TcpOptionKind.TcpAo, 20, 1500));

        Assert.Equal(DropReason.None, TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket edited));
        Assert.False(edited.HasAo);
        Assert.True(TcpPacketEditor.TryGetMss(edited, out ushort mss));
        Assert.Equal(516, mss);
    }

    [Theory]
    [InlineData(false, 1400u, 1380u)]
    [InlineData(false, 70u, 68u)]
    [InlineData(false, 0u, 0u)]
    [InlineData(true, 1400u, 1380u)]
    [InlineData(true, 1280u, 1260u)]
    [Requirement("R-086")]
    [Requirement("R-094")]
    public void TooBig_ForAPeer_NamesAnMtuLessTheOption(bool isIPv6, uint mtu, uint expected)
    {
        byte[] packet = IcmpPackets.Error(isIPv6 ? Duo.IPv6 : Duo.IPv4, isIPv6 ? (byte)2 : (byte)3, isIPv6 ? (byte)0 : (byte)4);
        Assert.True(IcmpError.TryParse(packet, out IcmpError error));
        Span<byte> field = packet.AsSpan(error.IcmpOffset + 4, 4);
        BinaryPrimitives.WriteUInt32BigEndian(field, mtu);
        Span<byte> checksum = packet.AsSpan(error.IcmpOffset + 2, 2);
        checksum.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(checksum, (ushort)~Packets.NaiveSum(packet.AsSpan(error.IcmpOffset)));

        Assert.Equal(mtu != 0, OptionRoom.LowerMtu(packet, error, 20));

        Assert.Equal(expected, BinaryPrimitives.ReadUInt32BigEndian(field));
        Assert.Equal(0xFFFF, Packets.NaiveSum(packet.AsSpan(error.IcmpOffset)));
    }

    private static byte[] Syn(bool isIPv6, byte[] options)
    {
        byte[] segment = Packets.Segment(options, [], TcpFlags.Syn);
        return isIPv6 ? Packets.IPv6(segment) : Packets.IPv4(segment);
    }
}
