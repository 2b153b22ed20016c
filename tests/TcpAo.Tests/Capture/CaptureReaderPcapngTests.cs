using TcpAo.Capture;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Capture;

public sealed class CaptureReaderPcapngTests
{
    private const ushort Resolution = 9;
    private const ushort FcsLength = 13;
    private const ushort TimestampOffset = 14;

    [Theory]
    [InlineData(0, 1_700_000_000UL, 1_700_000_000_000_000_000L)]
    [InlineData(3, 1_700_000_000_123UL, 1_700_000_000_123_000_000L)]
    [InlineData(6, 1_700_000_000_123_456UL, 1_700_000_000_123_456_000L)]
    [InlineData(9, 1_700_000_000_123_456_789UL, 1_700_000_000_123_456_789L)]
    [InlineData(12, 1_700_000_000_123_456UL, 1_700_000_000_123L)]
    [InlineData(28, ulong.MaxValue, 1L)]
    [InlineData(29, ulong.MaxValue, 0L)]
    [InlineData(127, ulong.MaxValue, 0L)]
    [InlineData(0x80, 1_700_000_000UL, 1_700_000_000_000_000_000L)]
    [InlineData(0x8A, (1_700_000_000UL << 10) + 512, 1_700_000_000_500_000_000L)]
    [InlineData(0xA0, (1_700_000_000UL << 32) + 0x4000_0000, 1_700_000_000_250_000_000L)]
    [InlineData(0xFF, ulong.MaxValue, 0L)]
    [InlineData(0, ulong.MaxValue, long.MaxValue)]
    [InlineData(9, ulong.MaxValue, long.MaxValue)]
    public void EnhancedPacket_ResolutionOfInterface_Nanoseconds(byte resolution, ulong ticks, long nanoseconds)
    {
        foreach (bool bigEndian in new[] { false, true })
        {
            byte[] file = new PcapWriter(bigEndian).Section().Interface(1, 0, (Resolution, [resolution])).EnhancedPacket(0, ticks, [1]).ToArray();
            Assert.Equal(nanoseconds, CaptureRun.Of(file).Frames.Single().Time);
        }
    }

    [Theory]
    [InlineData(10, 11_000_000_000L)]
    [InlineData(-10, -9_000_000_000L)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MinValue, long.MinValue + 1_000_000_000L)]
    public void EnhancedPacket_TimestampOffset_Added(long seconds, long nanoseconds)
    {
        foreach (bool bigEndian in new[] { false, true })
        {
            PcapWriter writer = new(bigEndian);
            byte[] file = writer.Section().Interface(1, 0, (TimestampOffset, writer.Number(seconds))).EnhancedPacket(0, 1_000_000, [1]).ToArray();
            Assert.Equal(nanoseconds, CaptureRun.Of(file).Frames.Single().Time);
        }
    }

    [Theory]
    [InlineData(4, 60)]  // bytes, as Wireshark has it
    [InlineData(32, 60)] // bits, as the draft has it
    [InlineData(16, 62)]
    [InlineData(0, 64)]
    public void EnhancedPacket_FcsLengthOfInterface_Cut(byte fcsLength, int length)
    {
        byte[] file = new PcapWriter().Section().Interface(1, 0, (FcsLength, [fcsLength])).EnhancedPacket(0, 0, new byte[64]).ToArray();

        CaptureRun.Frame frame = CaptureRun.Of(file).Frames.Single();

        Assert.Equal(length, frame.OriginalLength);
        Assert.Equal(length, frame.Data.Length / 2);
    }

    [Theory]
    [InlineData(0x40, 62)] // two bytes
    [InlineData(0x01, 60)] // not said: the interface's
    public void EnhancedPacket_FcsLengthInFlags_Overrides(byte flags, int length)
    {
        byte[] file = new PcapWriter().Section().Interface(1, 0, (FcsLength, [4]))
            .EnhancedPacket(0, 0, new byte[64], null, null, (1, "x"u8.ToArray()), (2, [flags, 0, 0, 0])).ToArray();

        Assert.Equal(length, CaptureRun.Of(file).Frames.Single().OriginalLength);
    }

    [Fact]
    public void Packets_OfSeveralInterfaces_EachWithItsOwnLinkTypeAndUnit()
    {
        PcapWriter writer = new PcapWriter().Section();
        for (ushort i = 0; i < 20; i++)
        {
            writer.Interface((ushort)(100 + i), 0, (Resolution, [(byte)(i % 2 == 0 ? 6 : 9)]));
        }

        for (ushort i = 0; i < 20; i++)
        {
            writer.EnhancedPacket(i, 5000, [1]).ObsoletePacket(i, 5000, [1]);
        }

        CaptureRun run = CaptureRun.Of(writer.ToArray());

        Assert.Null(run.Error);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => 100 + (i / 2)), run.Frames.Select(frame => frame.LinkType));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => i / 2 % 2 == 0 ? 5_000_000L : 5000L), run.Frames.Select(frame => frame.Time));
    }

    [Fact]
    public void Sections_OfBothByteOrders_InterfacesAreReset()
    {
        byte[] little = new PcapWriter().Section().Interface(1).Interface(2).EnhancedPacket(1, 0, [1]).ToArray();
        byte[] big = new PcapWriter(bigEndian: true).Section().Interface(3).EnhancedPacket(0, 0, [2]).ToArray();
        byte[] lost = new PcapWriter(bigEndian: true).EnhancedPacket(1, 0, [3]).ToArray();

        CaptureRun run = CaptureRun.Of([.. little, .. big, .. little, .. big, .. lost]);

        Assert.Equal([2, 3, 2, 3], run.Frames.Select(frame => frame.LinkType));
        Assert.Equal([1, 2, 3, 4], run.Frames.Select(frame => frame.Number));
        Assert.Equal($"frame 5 at byte {2 * (little.Length + big.Length)} belongs to interface 1, and the section has described 1 interfaces so far", run.Error);
    }

    [Fact]
    public void SimplePacket_LongerThanSnapLength_Truncated()
    {
        CaptureRun.Frame frame = CaptureRun.Of(new PcapWriter().Section().Interface(1, 6).SimplePacket([1, 2, 3, 4, 5, 6], 90).ToArray()).Frames.Single();

        Assert.Equal("010203040506", frame.Data);
        Assert.Equal(90, frame.OriginalLength);
    }

    [Fact]
    public void SimplePacket_BeforeAnyInterface_Invalid() =>
        Assert.Equal("frame 1 at byte 28 stands before its section describes an interface", CaptureRun.Of(new PcapWriter().Section().SimplePacket([1]).ToArray()).Error);

    [Fact]
    public void SimplePacket_Oversize_Invalid() =>
        Assert.Contains("1048580 captured bytes", CaptureRun.Of(new PcapWriter().Section().Interface().SimplePacket(new byte[CaptureReader.MaxFrameLength + 4]).ToArray()).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData(0u, "says that it has 0 bytes, and a block of type 6 has at least 32")]
    [InlineData(28u, "says that it has 28 bytes, and a block of type 6 has at least 32")]
    [InlineData(37u, "says that it has 37 bytes, which is no multiple of 4")]
    [InlineData(16u * 1024 * 1024 + 4, "says that it has 16777220 bytes, and 16777216 is the most that is read")]
    [InlineData(uint.MaxValue, "says that it has 4294967295 bytes, and 16777216 is the most that is read")]
    public void Block_ImpossibleLength_Invalid(uint length, string error)
    {
        CaptureRun run = CaptureRun.Of(new PcapWriter().Section().Block(6, body => body.Bytes(new byte[40]), length).ToArray());

        Assert.Equal($"the block at byte 28 {error}", run.Error);
        Assert.Equal(28, run.ErrorOffset);
    }

    [Fact]
    public void Block_OfGreatestLength_Skipped() =>
        Assert.Null(CaptureRun.Of(new PcapWriter().Section().Block(0x0BAD, body => body.Bytes(new byte[CaptureReader.MaxBlockLength - 12])).ToArray()).Error);

    [Fact]
    public void Block_TrailingLengthDiffers_Invalid() =>
        Assert.Equal("the block at byte 28 says at its start that it has 16 bytes and at its end that it has 20", CaptureRun.Of(new PcapWriter().Section().Block(4, body => body.U32(0), trailer: 20).ToArray()).Error);

    [Theory]
    [InlineData(5u, "frame 1 at byte 48 says that it has 5 captured bytes, more than its block of 36 bytes holds")]
    [InlineData(1048577u, "frame 1 at byte 48 says that it has 1048577 captured bytes, and 1048576 is the most that is read")]
    [InlineData(uint.MaxValue, "frame 1 at byte 48 says that it has 4294967295 captured bytes, and 1048576 is the most that is read")]
    public void EnhancedPacket_CapturedLengthTooGreat_Invalid(uint length, string error) =>
        Assert.Equal(error, CaptureRun.Of(new PcapWriter().Section().Interface().EnhancedPacket(0, 0, [1, 2, 3, 4], null, length).ToArray()).Error);

    [Fact]
    public void EnhancedPacket_InterfaceNotDescribed_Invalid() =>
        Assert.Equal("frame 1 at byte 28 belongs to interface 4294967295, and the section has described 0 interfaces so far", CaptureRun.Of(new PcapWriter().Section().EnhancedPacket(uint.MaxValue, 0, [1]).ToArray()).Error);

    [Fact]
    public void SectionHeader_WithoutByteOrderMagic_Invalid() =>
        Assert.Equal("the section header at byte 0 has no byte-order magic", CaptureRun.Of(new PcapWriter().Block(0x0A0D0D0A, body => body.Bytes(new byte[16])).ToArray()).Error);

    [Fact]
    public void SectionHeader_UnknownVersion_Invalid() =>
        Assert.Equal("the section header at byte 0 says pcapng version 2.0, and only version 1 is read", CaptureRun.Of(new PcapWriter().Section(2).ToArray()).Error);

    [Fact]
    public void Interface_OptionRunsPastEnd_Invalid() =>
        Assert.Equal("the interface description at byte 28 has an option that runs past its end", CaptureRun.Of(new PcapWriter().Section().Block(1, body => body.U32(1).U32(0).U16(9).U16(5).U32(0)).ToArray()).Error);

    [Fact]
    public void Interface_OptionsWithoutEndMark_Read() =>
        Assert.Equal(7, CaptureRun.Of(new PcapWriter().Section().Block(1, body => body.U32(1).U32(0).U16(9).U16(1).Bytes([9, 0, 0, 0])).EnhancedPacket(0, 7, [1]).ToArray()).Frames.Single().Time);

    [Fact]
    public void Interface_MoreThanASectionMayHave_Invalid()
    {
        PcapWriter writer = new PcapWriter().Section();
        for (int i = 0; i <= 65536; i++)
        {
            writer.Interface();
        }

        Assert.Equal("the block at byte 1310748 describes one more interface than the 65536 that a section may have", CaptureRun.Of(writer.ToArray()).Error);
    }
}
