using System.Text.Json;
using System.Text.Json.Serialization;
using Xunit;

namespace TcpAo.Interop.Tests.Support;

/// <summary>What the peer's program tells of its connection.</summary>
internal sealed record AoReport(
    [property: JsonPropertyName("bytes")] long Bytes,
    [property: JsonPropertyName("end")] string End,
    [property: JsonPropertyName("ao")] bool Ao,
    [property: JsonPropertyName("good")] long Good,
    [property: JsonPropertyName("bad")] long Bad,
    [property: JsonPropertyName("key_not_found")] long KeyNotFound,
    [property: JsonPropertyName("ao_required")] long Required,
    [property: JsonPropertyName("current")] int Current,
    [property: JsonPropertyName("rnext")] int RNext)
{
    public static AoReport Parse(string text)
    {
        string line = text.Split('|').FirstOrDefault(part => part.StartsWith('{')) ?? "";
        Assert.True(line.Length > 0, $"the peer's program did not report: {text}");
        return JsonSerializer.Deserialize<AoReport>(line)!;
    }
}
