using FsCheck;
using FsCheck.Fluent;
using TcpAo.Capture;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Capture;

/// <summary>No bytes make the reader throw or stand still; <see cref="CaptureRun"/> checks both.</summary>
public sealed class CaptureReaderProperties
{
    public static TheoryData<string, bool> Samples => CaptureSamples.All;

    [Fact]
    public void File_OfRandomBytes_EndsWithoutException() =>
        Check.QuickThrowOnFailure(Prop.ForAll<byte[], byte>((bytes, piece) => SameInPieces(bytes, piece)));

    [Theory]
    [MemberData(nameof(Samples))]
    public void File_RandomBytesBehindGoodStart_EndsWithoutException(string name, bool bigEndian)
    {
        (byte[] file, HashSet<int> ends) = CaptureSamples.Make(name, bigEndian);
        int start = ends.Order().ElementAt(name.StartsWith("pcapng", StringComparison.Ordinal) ? 1 : 0);
        Check.QuickThrowOnFailure(Prop.ForAll<byte[], byte>((bytes, piece) => SameInPieces([.. file[..start], .. bytes], piece)));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void File_BytesChanged_EndsWithoutException(string name, bool bigEndian)
    {
        (byte[] file, _) = CaptureSamples.Make(name, bigEndian);
        Check.QuickThrowOnFailure(Prop.ForAll<ushort[], byte[], byte>((places, values, piece) =>
        {
            byte[] changed = [.. file];
            for (int i = 0; i < Math.Min(places.Length, values.Length); i++)
            {
                changed[places[i] % changed.Length] = values[i];
            }

            return SameInPieces(changed, piece);
        }));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void File_EveryByteSetToExtremes_EndsWithoutException(string name, bool bigEndian)
    {
        (byte[] file, _) = CaptureSamples.Make(name, bigEndian);
        for (int place = 0; place < file.Length; place++)
        {
            foreach (byte value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF, (byte)(file[place] ^ 4) })
            {
                byte[] changed = [.. file];
                changed[place] = value;
                CaptureRun.Of(changed, 11);
            }
        }
    }

    [Fact]
    public void Frame_OfRandomBytes_OffsetInsideFrame() =>
        Check.QuickThrowOnFailure(Prop.ForAll<byte[]>(frame => new[] { 0, 1, 9, 12, 14, 101, 108, 113, 228, 229, 276, 999 }.All(linkType =>
            LinkLayer.TryGetIPPacket(linkType, frame, out int offset) ? offset < frame.Length : offset == 0)));

    [Fact]
    public void Frame_OfTaggedRandomBytes_OffsetInsideFrame() =>
        Check.QuickThrowOnFailure(Prop.ForAll<byte[], byte>((bytes, tags) =>
        {
            byte[] frame = [.. new byte[12], .. Enumerable.Repeat<byte[]>([0x81, 0, 0, 1], tags % 6).SelectMany(tag => tag), .. bytes];
            return !LinkLayer.TryGetIPPacket(1, frame, out int offset) || offset < frame.Length;
        }));

    private static bool SameInPieces(byte[] file, byte piece)
    {
        CaptureRun whole = CaptureRun.Of(file);
        CaptureRun pieces = CaptureRun.Of(file, piece + 1);
        Assert.Equal(whole.Frames, pieces.Frames);
        Assert.Equal(whole.Error, pieces.Error);
        return true;
    }
}
