using System.Buffers;
using TcpAo.Capture;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Capture;

public sealed class CaptureReaderTests
{
    public static TheoryData<string, bool> Samples => CaptureSamples.All;

    public static TheoryData<bool> ByteOrders => [false, true];

    [Theory]
    [MemberData(nameof(Samples))]
    public void File_OfEveryFormat_FramesComeOutAsWritten(string name, bool bigEndian)
    {
        (byte[] file, _) = CaptureSamples.Make(name, bigEndian);
        long time = name is "pcapng-simple" ? 0 : CaptureSamples.Time;

        CaptureRun run = CaptureRun.Of(file);

        Assert.Null(run.Error);
        Assert.Equal(
            [
                new(1, CaptureSamples.LinkType, time, 61, false, Convert.ToHexString(CaptureSamples.First)),
                new(2, CaptureSamples.LinkType, time, 0, false, ""),
                new(3, CaptureSamples.LinkType, time, (int)CaptureSamples.ThirdOriginal, true, "AABBCC"),
            ],
            run.Frames);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void File_InPiecesOfAnySize_SameFrames(string name, bool bigEndian)
    {
        (byte[] file, _) = CaptureSamples.Make(name, bigEndian);
        CaptureRun whole = CaptureRun.Of(file);

        for (int piece = 1; piece <= file.Length; piece++)
        {
            CaptureRun run = CaptureRun.Of(file, piece);
            Assert.Null(run.Error);
            Assert.Equal(whole.Frames, run.Frames);
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void File_CutAtEveryByte_TruncatedUnlessBetweenRecords(string name, bool bigEndian)
    {
        (byte[] file, HashSet<int> ends) = CaptureSamples.Make(name, bigEndian);
        CaptureRun whole = CaptureRun.Of(file);

        for (int length = 0; length < file.Length; length++)
        {
            CaptureRun run = CaptureRun.Of(file.AsSpan(0, length), 7);
            Assert.Equal(whole.Frames.Take(run.Frames.Count), run.Frames);
            Assert.Equal(ends.Contains(length), run.Error is null);
            Assert.True(run.Error is null || length < 4 || run.Error.Contains("the file ends inside", StringComparison.Ordinal), run.Error);
        }
    }

    [Theory]
    [InlineData(0, "the file is empty")]
    [InlineData(3, "the file has only 3 bytes, too few for a capture file")]
    [InlineData(20, "the file ends inside the file header: 20 of 24 bytes are there")]
    [InlineData(30, "the file ends inside frame 1, which begins at byte 24: 6 of at least 16 bytes are there")]
    [InlineData(50, "the file ends inside frame 1, which begins at byte 24: 26 of at least 77 bytes are there")]
    public void Pcap_CutShort_SentenceSaysWhere(int length, string error) =>
        Assert.Equal(error, CaptureRun.Of(CaptureSamples.Make("pcap-us", false).File.AsSpan(0, length)).Error);

    [Fact]
    public void Pcapng_CutInsideOtherBlock_SentenceNamesBlock()
    {
        byte[] file = new PcapWriter().Section().Interface().NameResolution().ToArray();

        Assert.Equal("the file ends inside the block that begins at byte 48: 23 of at least 28 bytes are there", CaptureRun.Of(file.AsSpan(0, file.Length - 1 - 4)).Error);
    }

    [Theory]
    [MemberData(nameof(ByteOrders))]
    public void Pcap_FcsInLinkType_CutFromWholeFramesOnly(bool bigEndian)
    {
        byte[] file = new PcapWriter(bigEndian).FileHeader(linkType: 0x2400_0001) // two 16-bit words
            .Record(1, 0, new byte[64])
            .Record(1, 0, new byte[62], 64)
            .Record(1, 0, new byte[40], 64)
            .Record(1, 0, new byte[2])
            .ToArray();

        CaptureRun run = CaptureRun.Of(file);

        Assert.Null(run.Error);
        Assert.All(run.Frames, frame => Assert.Equal(1, frame.LinkType));
        Assert.Equal([60, 60, 40, 0], run.Frames.Select(frame => frame.Data.Length / 2));
        Assert.Equal([60, 60, 60, 0], run.Frames.Select(frame => frame.OriginalLength));
        Assert.Equal([false, false, true, false], run.Frames.Select(frame => frame.IsTruncated));
    }

    [Fact]
    public void Pcap_FcsLengthWithoutPresentBit_NothingCut() =>
        Assert.Equal(64, CaptureRun.Of(new PcapWriter().FileHeader(linkType: 0x2000_0001).Record(1, 0, new byte[64]).ToArray()).Frames.Single().OriginalLength);

    [Fact]
    public void Pcap_LatestTime_Exact() =>
        Assert.Equal(4_294_967_295_999_999_000, CaptureRun.Of(new PcapWriter().FileHeader().Record(uint.MaxValue, 999_999, [1]).ToArray()).Frames.Single().Time);

    [Fact]
    public void Pcap_OriginalLengthBelowCaptured_CapturedCounts() =>
        Assert.Equal(9, CaptureRun.Of(new PcapWriter().FileHeader().Record(1, 0, new byte[9], 3).ToArray()).Frames.Single().OriginalLength);

    [Fact]
    public void Pcap_OriginalLengthBeyondInt_Clamped() =>
        Assert.Equal(int.MaxValue, CaptureRun.Of(new PcapWriter().FileHeader().Record(1, 0, new byte[9], uint.MaxValue).ToArray()).Frames.Single().OriginalLength);

    [Fact]
    public void Pcap_FrameOfGreatestLength_Read() =>
        Assert.Null(CaptureRun.Of(new PcapWriter().FileHeader().Record(1, 0, new byte[CaptureReader.MaxFrameLength]).ToArray()).Error);

    [Theory]
    [InlineData(1048577u)]
    [InlineData(int.MaxValue)]
    [InlineData(uint.MaxValue)]
    public void Pcap_OversizeRecord_InvalidAtTheRecord(uint length)
    {
        byte[] file = new PcapWriter().FileHeader().Record(1, 0, [1, 2]).Record(1, 0, [1], capturedLength: length).ToArray();

        CaptureRun run = CaptureRun.Of(file);

        Assert.Single(run.Frames);
        Assert.Equal($"frame 2 at byte 42 says that it has {length} captured bytes, and 1048576 is the most that is read", run.Error);
        Assert.Equal(42, run.ErrorOffset);
    }

    [Fact]
    public void Pcap_UnknownVersion_Invalid() =>
        Assert.Equal("the file header says pcap version 3.4, and only version 2 is read", CaptureRun.Of(new PcapWriter().FileHeader(major: 3).ToArray()).Error);

    [Fact]
    public void Pcap_ReservedBitsInLinkType_Invalid() =>
        Assert.Equal("the file header's link type 0x02240001 has reserved bits set", CaptureRun.Of(new PcapWriter().FileHeader(linkType: 0x0224_0001).ToArray()).Error);

    [Theory]
    [InlineData("1F8B0800", "this is a gzip file: unpack it first")]
    [InlineData("28B52FFD", "this is a zstd file: unpack it first")]
    [InlineData("FD377A58", "this is an xz file: unpack it first")]
    [InlineData("04224D18", "this is an lz4 file: unpack it first")]
    [InlineData("425A6839", "this is a bzip2 file: unpack it first")]
    [InlineData("504B0304", "this is a zip file: unpack it first")]
    [InlineData("736E6F6F", "this is a snoop file, which is not read: convert it to pcapng first")]
    [InlineData("6B657973", "not a capture file: neither pcap nor pcapng begins with the bytes 6b 65 79 73 (\"keys\")")]
    [InlineData("00000000", "not a capture file: neither pcap nor pcapng begins with the bytes 00 00 00 00")]
    public void File_OfAnotherKind_SentenceSaysWhich(string start, string error) =>
        Assert.Equal(error, CaptureRun.Of([.. Convert.FromHexString(start), 0, 0, 0, 0]).Error);

    [Theory]
    [MemberData(nameof(Samples))]
    public void Frames_AfterWarmUp_NothingAllocated(string name, bool bigEndian)
    {
        (byte[] file, _) = CaptureSamples.Make(name, bigEndian);
        Assert.Equal(3, CountFrames(new CaptureReader(), file));
        CaptureReader reader = new();
        Assert.Equal(OperationStatus.Done, reader.Read(file, out int consumed, out _)); // the interface of the first section

        long before = GC.GetAllocatedBytesForCurrentThread();
        int frames = CountFrames(reader, file.AsSpan(consumed));

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2, frames);
    }

    private static int CountFrames(CaptureReader reader, ReadOnlySpan<byte> data)
    {
        int frames = 0;
        while (reader.Read(data, out int consumed, out _) == OperationStatus.Done)
        {
            data = data[consumed..];
            frames++;
        }

        return frames;
    }
}
