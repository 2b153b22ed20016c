using System.Text.Json;
using TcpAo.Capture;
using TcpAo.Tests.Support;
using Xunit;

namespace TcpAo.Tests.Capture;

/// <summary>The captures under Vectors/captures, each with the number of its frames in the .expected.json beside it.</summary>
public sealed class SharedCaptureTests
{
    private static readonly string s_directory = Path.Combine(AppContext.BaseDirectory, "Vectors", "captures");

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(s_directory, "*.pcap").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Capture_FromTheKernel_FrameCountAsExpectedAndAllIP(string name)
    {
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(s_directory, name + ".expected.json")));
        CaptureRun run = CaptureRun.Of(File.ReadAllBytes(Path.Combine(s_directory, name + ".pcap")), 4096);

        Assert.Null(run.Error);
        Assert.Equal(expected.RootElement.GetProperty("frames").GetInt32(), run.Frames.Count);
        Assert.All(run.Frames, frame =>
        {
            byte[] data = Convert.FromHexString(frame.Data);
            Assert.False(frame.IsTruncated);
            Assert.True(LinkLayer.TryGetIPPacket(frame.LinkType, data, out int offset));
            Assert.Equal(name.StartsWith("v4", StringComparison.Ordinal) ? 4 : 6, data[offset] >> 4);
        });
    }
}
