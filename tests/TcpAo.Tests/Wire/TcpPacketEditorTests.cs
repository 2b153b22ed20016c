using System.Buffers.Binary;
using System.Text.Json;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Tests.Wire;

/// <summary>Options that come and go (RFC 5925 section 2.2, RFC 2385 section 3), with lengths and checksums behind them.</summary>
public sealed class TcpPacketEditorTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    [Requirement("R-001", "R-034")]
    public void Insert_OfAo_PutsItFirstWithNopsBehind(int version)
    {
        for (int macLength = 0; macLength <= 28; macLength++)
        {
            byte[] segment = Packets.Segment(Packets.PaddedTimestamps, [1, 2, 3], TcpFlags.Psh | TcpFlags.Ack);
            byte[] original = version == 4 ? Packets.IPv4(segment, [1, 1, 1, 0]) : Packets.IPv6(segment, (60, new byte[8]));
            byte[] buffer = Packets.WithRoom(original);
            int length = original.Length;
            DropReason reason = TcpPacketEditor.InsertAo(buffer, ref length, macLength, 61, 84, out int aoOffset);
            if (((4 + macLength + 3) & ~3) > 28)
            {
                // 30 bytes for AO beside the ten of the timestamps: only without any padding.
                Assert.Equal(macLength <= 26 ? DropReason.None : DropReason.OptionSpace, reason);
                continue;
            }

            Assert.Equal(DropReason.None, reason);
            Packets.AssertSound(buffer.AsSpan(0, length));
            TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
            Assert.Equal(20, packet.AoOffset);
            Assert.Equal(packet.TcpOffset + 20, aoOffset);
            Assert.Equal(macLength, packet.MacLength);
            Assert.Equal((61, 84), (packet.KeyId, packet.RNextKeyId));
            Assert.Equal(new byte[macLength], packet.Mac.ToArray());
            int nops = -macLength & 3;
            byte[] expected = [29, (byte)(4 + macLength), 61, 84, .. new byte[macLength], .. Packets.Nops(nops), .. Packets.PaddedTimestamps];
            Assert.Equal(expected, packet.Options.ToArray());
            Assert.Equal([1, 2, 3], packet.Payload.ToArray());
            Assert.Equal(0xEE, buffer[length]);
        }
    }

    [Theory]
    [Requirement("R-083", "R-084")]
    [InlineData(true, 3, 12, 1)]
    [InlineData(true, 2, 12, 1)]
    [InlineData(true, 1, 12, 1)]
    [InlineData(true, 3, 16, 0)]
    [InlineData(true, 1, 16, 0)]
    [InlineData(true, 3, 4, 2)]
    [InlineData(false, 4, 12, 2)]
    [InlineData(false, 3, 12, 2)]
    [InlineData(false, 4, 16, 2)]
    [InlineData(false, 3, 16, 2)]
    [InlineData(false, 2, 16, 2)]
    [InlineData(false, 4, 32, 0)]
    public void Insert_OfAoBesideSack_GivesUpTrailingBlocks(bool hasTimestamps, int blocks, int macLength, int kept)
    {
        byte[] timestamps = hasTimestamps ? Packets.PaddedTimestamps : [];
        foreach (byte[] sack in new[] { Packets.PaddedSack(blocks), [.. Packets.Sack(blocks), 1, 1] })
        {
            byte[] original = Packets.IPv4(Packets.Segment([.. timestamps, .. sack], [4, 5, 6]));
            byte[] buffer = Packets.WithRoom(original);
            int length = original.Length;
            Assert.Equal(DropReason.None, TcpPacketEditor.InsertAo(buffer, ref length, macLength, 1, 2, out _));
            Packets.AssertSound(buffer.AsSpan(0, length));
            TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
            byte[] blocksKept = Packets.Sack(blocks)[..(2 + (8 * kept))];
            blocksKept[1] = (byte)blocksKept.Length;
            byte[] sackKept = kept == 0 ? [] : sack[0] == 1 ? [1, 1, .. blocksKept] : [.. blocksKept, 1, 1];
            Assert.Equal([29, (byte)(4 + macLength), 1, 2, .. new byte[macLength], .. timestamps, .. sackKept], packet.Options.ToArray());
            Assert.Equal([4, 5, 6], packet.Payload.ToArray());
        }
    }

    [Fact]
    [Requirement("R-082")]
    public void Insert_OfAoIntoTheSynOfLinux_FitsUpTo16Bytes()
    {
        byte[] options = [.. Packets.Mss, 4, 2, .. Packets.Timestamps, 1, 3, 3, 7];
        byte[] original = Packets.IPv4(Packets.Segment(options, [], TcpFlags.Syn));
        for (int macLength = 1; macLength <= 16; macLength++)
        {
            byte[] buffer = Packets.WithRoom(original);
            int length = original.Length;
            Assert.Equal(DropReason.None, TcpPacketEditor.InsertAo(buffer, ref length, macLength, 1, 2, out _));
            TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
            Assert.Equal(options, packet.Options[^20..].ToArray());
        }
    }

    [Fact]
    [Requirement("R-080")]
    public void Insert_OfAo21IntoTheSynOfLinux_SqueezesThePadding()
    {
        byte[] options = [.. Packets.Mss, 4, 2, .. Packets.Timestamps, 1, 3, 3, 7];
        byte[] original = Packets.IPv4(Packets.Segment(options, [], TcpFlags.Syn));
        byte[] buffer = Packets.WithRoom(original);
        int length = original.Length;
        Assert.Equal(DropReason.None, TcpPacketEditor.InsertAo(buffer, ref length, 17, 1, 2, out _));
        Packets.AssertSound(buffer.AsSpan(0, length));
        TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
        Assert.Equal("AO21/MSS/SACKOK/TS/WS", Packets.Describe(packet.Options));

        AssertUntouched(original, DropReason.OptionSpace, 18);
    }

    [Fact]
    public void Insert_OfAoWhereOnlyEndOfListPads_SqueezesIt()
    {
        // 21 bytes of option and 7 of padding: 16 for AO fit beside the 21, not beside the 28.
        byte[] original = Packets.IPv4(Packets.Segment([1, 1, 253, 21, .. new byte[19], 0, 0, 0, 0, 0], [9]));
        byte[] buffer = Packets.WithRoom(original);
        int length = original.Length;
        Assert.Equal(DropReason.None, TcpPacketEditor.InsertAo(buffer, ref length, 11, 1, 2, out _));
        Packets.AssertSound(buffer.AsSpan(0, length));
        TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
        Assert.Equal("AO15/NOP/253/NOP/NOP/NOP", Packets.Describe(packet.Options));
        Assert.Equal([9], packet.Payload.ToArray());
    }

    [Fact]
    public void Insert_OfAoWithoutRoom_LeavesThePacketUntouched()
    {
        byte[] options = [253, 30, .. new byte[28], .. Packets.Sack(1)];
        AssertUntouched(Packets.IPv4(Packets.Segment(options, [1])), DropReason.OptionSpace, 12);
        AssertUntouched(Packets.IPv4(Packets.Segment([], [1])), DropReason.OptionSpace, 37);
        AssertUntouched(Packets.IPv4(Packets.Segment([], [1])), DropReason.OptionSpace, int.MaxValue);
    }

    [Fact]
    [Requirement("R-003")]
    public void Insert_OfAoBesideAo_LeavesThePacketUntouched() =>
        AssertUntouched(Packets.IPv4(Packets.Segment(Packets.AoOption(12), [1])), DropReason.AoDuplicate, 12);

    [Fact]
    [Requirement("R-002")]
    public void Insert_OfAoBesideMd5_LeavesThePacketUntouched()
    {
        AssertUntouched(Packets.IPv4(Packets.Segment(Packets.Md5Option, [1])), DropReason.AoWithMd5, 12);
        byte[] buffer = Packets.WithRoom(Packets.IPv4(Packets.Segment(Packets.AoOption(12), [1])));
        int length = buffer.Length - 64;
        Assert.Equal(DropReason.AoWithMd5, TcpPacketEditor.InsertMd5(buffer, ref length, out _));
        buffer = Packets.WithRoom(Packets.IPv4(Packets.Segment(Packets.Md5Option, [1])));
        length = buffer.Length - 64;
        Assert.Equal(DropReason.Md5Duplicate, TcpPacketEditor.InsertMd5(buffer, ref length, out _));
    }

    [Fact]
    public void Insert_WithoutRoomInTheBuffer_LeavesThePacketUntouched()
    {
        byte[] original = Packets.IPv4(Packets.Segment([], [1]));
        AssertUntouched(original, DropReason.BufferTooSmall, 12, room: 15);
        byte[] exact = Packets.WithRoom(original, 16);
        int length = original.Length;
        Assert.Equal(DropReason.None, TcpPacketEditor.InsertAo(exact, ref length, 12, 1, 2, out _));
        Assert.Equal(exact.Length, length);
    }

    [Fact]
    public void Insert_BeyondTheLengthField_LeavesThePacketUntouched()
    {
        AssertUntouched(Packets.IPv4(Packets.Segment([], new byte[65535 - 40 - 15])), DropReason.BufferTooSmall, 12);
        AssertUntouched(Packets.IPv6(Packets.Segment([], new byte[65535 - 20 - 15])), DropReason.BufferTooSmall, 12);
        byte[] largest = Packets.WithRoom(Packets.IPv6(Packets.Segment([], new byte[65535 - 20 - 16])));
        int length = largest.Length - 64;
        Assert.Equal(DropReason.None, TcpPacketEditor.InsertAo(largest, ref length, 12, 1, 2, out _));
        Packets.AssertSound(largest.AsSpan(0, length));
    }

    [Fact]
    public void Insert_IntoAPacketThatCannotBeRead_SaysWhy()
    {
        byte[] original = Packets.IPv4(Packets.Segment([], [1]));
        original[9] = 17;
        AssertUntouched(original, DropReason.NotTcp, 12);
    }

    [Fact]
    public void Insert_OfANegativeMacLength_IsAnArgumentError() => Assert.Throws<ArgumentOutOfRangeException>(() =>
    {
        int length = 0;
        return TcpPacketEditor.InsertAo([], ref length, -1, 0, 0, out _);
    });

    [Fact]
    public void Insert_OfMd5_PutsItFirstBehindTwoNops()
    {
        byte[] original = Packets.IPv6(Packets.Segment([.. Packets.PaddedTimestamps, .. Packets.PaddedSack(3)], [4, 5, 6]));
        byte[] buffer = Packets.WithRoom(original);
        int length = original.Length;
        Assert.Equal(DropReason.None, TcpPacketEditor.InsertMd5(buffer, ref length, out int md5Offset));
        Packets.AssertSound(buffer.AsSpan(0, length));
        Packets.Md5Option[2..].CopyTo(buffer.AsSpan(md5Offset + 2));
        Assert.Equal(DropReason.None, TcpPacketEditor.FinishChecksum(buffer, length));
        Packets.AssertSound(buffer.AsSpan(0, length));
        TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
        Assert.Equal([1, 1, .. Packets.Md5Option, .. Packets.PaddedTimestamps], packet.Options.ToArray());
        Assert.Equal(md5Offset, packet.TcpOffset + packet.Md5Offset);
    }

    [Fact]
    [Requirement("R-034")]
    public void Packet_OfLinux_IsRebuiltByRemoveAndInsert()
    {
        foreach (JsonElement vector in Packets.Vectors("linux-kernel-7.2.json"))
        {
            byte[] original = Packets.Hex(vector);
            Packets.FixChecksums(original);
            byte[] buffer = Packets.WithRoom(original);
            int length = original.Length;
            Assert.Equal(DropReason.None, TcpPacketEditor.RemoveOption(buffer, ref length, TcpOptionKind.TcpAo));
            Packets.AssertSound(buffer.AsSpan(0, length));
            byte[] mac = Convert.FromHexString(vector.GetProperty("mac_hex").GetString()!);
            byte keyId = vector.GetProperty("key_id").GetByte();
            byte rnextKeyId = vector.GetProperty("rnext_key_id").GetByte();
            Assert.Equal(DropReason.None, TcpPacketEditor.InsertAo(buffer, ref length, mac.Length, keyId, rnextKeyId, out int aoOffset));
            mac.CopyTo(buffer, aoOffset + 4);
            Assert.Equal(DropReason.None, TcpPacketEditor.FinishChecksum(buffer, length));
            Assert.Equal(original, buffer[..length]);
        }
    }

    [Theory]
    [InlineData("1,1,8,10,0,0,0,0,0,0,0,1,1,1,5,10,1,1,1,1,1,1,1,1", 5, "NOP/NOP/TS")] // the 1s before the NOPs are data
    [InlineData("2,4,5,180,4,2,8,10,0,0,0,0,0,0,0,1,1,3,3,7", 3, "MSS/SACKOK/TS")]
    [InlineData("2,4,5,180,4,2,8,10,0,0,0,0,0,0,0,1,1,3,3,7", 4, "MSS/TS/NOP/WS/NOP/NOP")]
    [InlineData("2,4,5,180,4,2,8,10,0,0,0,0,0,0,0,1,1,3,3,7", 2, "SACKOK/TS/NOP/WS")]
    [InlineData("2,4,5,180,3,3,7,0", 3, "MSS")]
    [InlineData("2,4,5,180,3,3,7,0", 2, "WS")]
    [InlineData("4,2,3,3,7,0,99,99", 4, "WS/NOP")]
    [InlineData("30,3,0,1,30,4,1,1,1,1,8,10,0,0,0,0,0,0,0,1", 30, "NOP/NOP/TS")]
    public void Remove_OfAnOption_TakesItsPaddingAlong(string options, byte kind, string expected)
    {
        byte[] bytes = [.. options.Split(',').Select(byte.Parse)];
        byte[] original = Packets.IPv4(Packets.Segment(bytes, [7, 8, 9], TcpFlags.Syn));
        byte[] buffer = Packets.WithRoom(original);
        int length = original.Length;
        Assert.Equal(DropReason.None, TcpPacketEditor.RemoveOption(buffer, ref length, (TcpOptionKind)kind));
        Packets.AssertSound(buffer.AsSpan(0, length));
        TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
        Assert.Equal(expected, Packets.Describe(packet.Options));
        Assert.Equal([7, 8, 9], packet.Payload.ToArray());
    }

    [Fact]
    public void Remove_OfAnOptionThatIsNotThere_ChangesNothing()
    {
        byte[] original = Packets.IPv4(Packets.Segment(Packets.Mss, [7]));
        byte[] buffer = [.. original];
        int length = original.Length;
        Assert.Equal(DropReason.None, TcpPacketEditor.RemoveOption(buffer, ref length, TcpOptionKind.TcpAo));
        Assert.Equal(DropReason.None, TcpPacketEditor.BlankOption(buffer, length, TcpOptionKind.MultipathTcp));
        Assert.Equal(original, buffer);
        Assert.Throws<ArgumentOutOfRangeException>(() => TcpPacketEditor.RemoveOption(buffer, ref length, TcpOptionKind.NoOperation));
        Assert.Throws<ArgumentOutOfRangeException>(() => TcpPacketEditor.BlankOption(buffer, length, TcpOptionKind.EndOfList));
    }

    [Fact]
    public void Blank_OfAnOption_LeavesNops()
    {
        byte[] original = Packets.IPv6(Packets.Segment([3, 3, 7, 30, 3, 5, .. Packets.Mss, 30, 4, 6, 7], [7], TcpFlags.Syn));
        Assert.Equal(DropReason.None, TcpPacketEditor.BlankOption(original, original.Length, TcpOptionKind.MultipathTcp));
        Packets.AssertSound(original);
        TcpPacket.TryParse(original, out TcpPacket packet);
        Assert.Equal("WS/NOP/NOP/NOP/MSS/NOP/NOP/NOP/NOP", Packets.Describe(packet.Options[..14]));
    }

    [Theory]
    [Requirement("R-086")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mss_OfASyn_IsReadAndReplaced(int nops)
    {
        byte[] original = Packets.IPv4(Packets.Segment([.. Packets.Nops(nops), .. Packets.Mss], [], TcpFlags.Syn));
        Assert.True(TcpPacketEditor.TryGetMss(original, original.Length, out ushort mss));
        Assert.Equal(1460, mss);
        Assert.True(TcpPacketEditor.SetMss(original, original.Length, 1444));
        Packets.AssertSound(original);
        TcpPacket.TryParse(original, out TcpPacket packet);
        Assert.True(TcpPacketEditor.TryGetMss(packet, out mss));
        Assert.Equal(1444, mss);
    }

    [Fact]
    public void Mss_WhereThereIsNone_IsNotSet()
    {
        byte[][] packets =
        [
            Packets.IPv4(Packets.Segment(Packets.PaddedTimestamps, [], TcpFlags.Syn)),
            Packets.IPv4(Packets.Segment(Packets.Mss, [])), // not a SYN
            Packets.IPv4(Packets.Segment([2, 3, 9], [], TcpFlags.Syn)),
            Packets.IPv4(Packets.Segment([2, 9, 9], [], TcpFlags.Syn)),
        ];
        foreach (byte[] packet in packets)
        {
            byte[] copy = [.. packet];
            Assert.False(TcpPacketEditor.SetMss(copy, copy.Length, 1000));
            Assert.False(TcpPacketEditor.TryGetMss(copy, copy.Length, out ushort mss));
            Assert.Equal(0, mss);
            Assert.Equal(packet, copy);
        }
    }

    [Fact]
    public void Checksum_LeftToOffload_IsRewritten()
    {
        byte[] original = Packets.IPv4(Packets.Segment([], [1, 2, 3]));
        byte[] buffer = [.. original];
        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(36), 0xFE40);
        Assert.Equal(DropReason.None, TcpPacketEditor.RewriteTcpChecksum(buffer, buffer.Length));
        Assert.Equal(original, buffer);
        Assert.Equal(DropReason.PacketTruncated, TcpPacketEditor.RewriteTcpChecksum(buffer, buffer.Length - 1));
        Assert.Equal(DropReason.PacketTruncated, TcpPacketEditor.FinishChecksum(buffer, buffer.Length - 1));
    }

    [Fact]
    public void ParseAndInsert_OfASegment_AllocateNothing()
    {
        byte[] original = Packets.IPv4(Packets.Segment([.. Packets.PaddedTimestamps, .. Packets.PaddedSack(3)], new byte[1000]));
        byte[] buffer = Packets.WithRoom(original);
        Round(original, buffer);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            Round(original, buffer);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Round(byte[] original, byte[] buffer)
    {
        original.CopyTo(buffer, 0);
        int length = original.Length;
        DropReason reason = TcpPacketEditor.InsertAo(buffer, ref length, 12, 1, 2, out int _);
        reason |= TcpPacketEditor.FinishChecksum(buffer, length);
        reason |= TcpPacket.TryParse(buffer.AsSpan(0, length), out TcpPacket packet);
        if (reason != DropReason.None || !packet.HasAo)
        {
            throw new InvalidOperationException("The packet was refused.");
        }
    }

    private static void AssertUntouched(byte[] original, DropReason expected, int macLength, int room = 64)
    {
        byte[] buffer = Packets.WithRoom(original, room);
        byte[] before = [.. buffer];
        int length = original.Length;
        Assert.Equal(expected, TcpPacketEditor.InsertAo(buffer, ref length, macLength, 1, 2, out int aoOffset));
        Assert.Equal(original.Length, length);
        Assert.Equal(0, aoOffset);
        Assert.Equal(before, buffer);
    }
}
