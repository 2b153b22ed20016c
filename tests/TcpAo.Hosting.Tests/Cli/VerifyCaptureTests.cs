using System.Text.Json;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Cli;

/// <summary><c>tcpao verify</c> over captures of the Linux kernel, and the form of what it prints.</summary>
[Collection(ConsoleTests.Name)]
public sealed class VerifyCaptureTests
{
    private static readonly string[] s_keys =
        ["schema", "frame", "source", "destination", "flags", "key-id", "rnext-key-id", "mac-length", "sne", "verdict", "key", "reason", "hint"];

    private static readonly string[] s_summaryKeys =
        ["schema", "frame", "segments", "connections", "valid", "bad-mac", "key-not-found", "unsigned", "unverifiable", "malformed", "not-tcp-ao"];

    public static TheoryData<string> Names => [.. Captures.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Capture_OfTheKernel_VerdictsAsExpected(string name)
    {
        using var folder = new TempFolder();
        CliRun run = CliRun.Verify(Captures.Pcap(name), "--keys", Captures.Keys(folder, name), "--json");
        JsonElement[] lines = [.. run.Lines.Select(line => JsonDocument.Parse(line).RootElement.Clone())];
        JsonElement expected = Captures.Expected(name);
        int[] bad = [.. expected.GetProperty("not-valid").EnumerateArray().Select(frame => frame.GetInt32())];

        Assert.Empty(run.Error);
        Assert.Equal(bad.Length == 0 ? 0 : 1, run.ExitCode);
        Assert.Equal(expected.GetProperty("frames").GetInt32(), lines.Length - 1);
        Assert.Equal(bad, lines[..^1].Where(line => line.GetProperty("verdict").GetString() is not "valid").Select(line => line.GetProperty("frame").GetInt32()));
        AssertSummary(lines);
    }

    [Fact]
    public void Segment_AsJson_ExactlyTheLineOfTheContract()
    {
        using var folder = new TempFolder();
        string keys = Captures.Keys(folder, "v4-sha1-12.bad");
        string[] lines = CliRun.Verify(Captures.Pcap("v4-sha1-12.bad"), "--keys", keys, "--json").Lines;

        Assert.Equal(
            """{"schema":"tcpao.verify/1","frame":1,"source":"192.0.2.1:41175","destination":"192.0.2.2:179","flags":"S","key-id":61,"rnext-key-id":84,"mac-length":12,"sne":0,"verdict":"valid","key":"v4-sha1-12/1","reason":null,"hint":null}""",
            lines[0]);
        Assert.Equal(
            """{"schema":"tcpao.verify/1","frame":9,"source":"192.0.2.2:179","destination":"192.0.2.1:41175","flags":"PA","key-id":84,"rnext-key-id":61,"mac-length":12,"sne":0,"verdict":"bad-mac","key":"v4-sha1-12/1","reason":"mac-mismatch","hint":null}""",
            lines[8]);
        Assert.Equal(
            """{"schema":"tcpao.verify/1","frame":17,"source":"192.0.2.1:41175","destination":"192.0.2.2:179","flags":"PA","key-id":104,"rnext-key-id":84,"mac-length":12,"sne":null,"verdict":"key-not-found","key":null,"reason":"key-not-found","hint":null}""",
            lines[16]);
        Assert.Equal(
            """{"schema":"tcpao.verify/1","frame":49,"source":"192.0.2.2:177","destination":"192.0.2.1:41175","flags":"A","key-id":84,"rnext-key-id":61,"mac-length":12,"sne":null,"verdict":"unverifiable","key":null,"reason":"isn-unknown","hint":null}""",
            lines[48]);
        Assert.Equal(
            """{"schema":"tcpao.verify/1","frame":null,"segments":56,"connections":2,"valid":43,"bad-mac":11,"key-not-found":1,"unsigned":0,"unverifiable":1,"malformed":0,"not-tcp-ao":0}""",
            lines[^1]);
        Assert.Equal(57, lines.Length);
        Assert.All(lines[..^1], line => Assert.Equal(s_keys, Properties(line)));
        Assert.Equal(s_summaryKeys, Properties(lines[^1]));
    }

    [Fact]
    public void Segment_OfIPv6_AddressesInBrackets()
    {
        using var folder = new TempFolder();
        string first = CliRun.Verify(Captures.Pcap("v6-aes-12"), "--keys", Captures.Keys(folder, "v6-aes-12"), "--json").Lines[0];
        using JsonDocument line = JsonDocument.Parse(first);

        Assert.Matches(@"^\[[0-9a-f:]+\]:\d+$", line.RootElement.GetProperty("source").GetString());
        Assert.Matches(@"^\[[0-9a-f:]+\]:179$", line.RootElement.GetProperty("destination").GetString());
    }

    [Fact]
    public void Verdicts_ForPeople_AsApproved()
    {
        using var folder = new TempFolder();
        var text = new System.Text.StringBuilder();
        Add("verify bad", CliRun.Verify(Captures.Pcap("v4-sha1-12.bad"), "--keys", Captures.Keys(folder, "v4-sha1-12.bad")));
        Add("verify good", CliRun.Verify(Captures.Pcap("v6-sha1-12"), "--keys", Captures.Keys(folder, "v6-sha1-12")));
        Add("verify good --segments", CliRun.Verify(Captures.Pcap("v4-simopen-sha1"), "--keys", Captures.Keys(folder, "v4-simopen-sha1"), "--segments"));
        Add("verify bad --only-bad", CliRun.Verify(Captures.Pcap("v4-rotate-sha1-aes-sha256.bad"), "--keys", Captures.Keys(folder, "v4-rotate-sha1-aes-sha256.bad"), "--only-bad"));
        Add("options excluded", CliRun.Verify(Captures.Pcap("v4-sha1-12-noopt"), "--keys", Captures.Keys(folder, "v4-sha1-12-noopt", yaml => yaml.Replace("options: false", "options: true"))));
        Add("wrong secret", CliRun.Verify(Captures.Pcap("v4-sha256-16"), "--keys", Captures.Keys(folder, "v4-sha256-16", yaml => yaml.Replace("secret-hex: \"", "secret-hex: \"ff"))));
        Golden.Match(text.ToString().Replace(Captures.Folder, "DIR"), "verify-text");

        void Add(string title, CliRun run)
        {
            text.Append($"== {title}: exit {run.ExitCode}\n{run.Output}");
            Assert.Empty(run.Error);
        }
    }

    [Fact]
    public void Json_OnlyBad_NotValidFramesAndTheSummary()
    {
        using var folder = new TempFolder();
        CliRun run = CliRun.Verify(Captures.Pcap("v4-aes-12.bad"), "--keys", Captures.Keys(folder, "v4-aes-12.bad"), "--json", "--only-bad");

        Assert.Equal(17 + 1, run.Lines.Length);
        Assert.DoesNotContain(run.Lines[..^1], line => line.Contains("\"verdict\":\"valid\"", StringComparison.Ordinal));
        Assert.Contains("\"segments\":54", run.Lines[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.1:41175", 55)]
    [InlineData("192.0.2.2:177", 1)]
    [InlineData("192.0.2.2:179-192.0.2.1:41175", 55)]
    [InlineData("192.0.2.1:41175-192.0.2.2:177", 1)]
    [InlineData("192.0.2.1:1", 0)]
    public void Connection_Given_OnlyItsSegments(string ends, int segments)
    {
        using var folder = new TempFolder();
        CliRun run = CliRun.Verify(Captures.Pcap("v4-sha1-12.bad"), "--keys", Captures.Keys(folder, "v4-sha1-12.bad"), "--json", "--connection", ends);

        // the corrupted port makes one segment another connection's
        Assert.InRange(run.Lines.Length - 1, segments, segments + 1);
        Assert.Contains($"\"segments\":{run.Lines.Length - 1},", run.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(segments == 0 ? $"tcpao: {Captures.Pcap("v4-sha1-12.bad")}: no TCP segments of that connection\n" : "", run.Error);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public void Connection_OfIPv6Given_OnlyItsSegments()
    {
        using var folder = new TempFolder();
        string keys = Captures.Keys(folder, "v6-sha1-12");
        using JsonDocument first = JsonDocument.Parse(CliRun.Verify(Captures.Pcap("v6-sha1-12"), "--keys", keys, "--json").Lines[0]);
        string source = first.RootElement.GetProperty("source").GetString()!;
        string destination = first.RootElement.GetProperty("destination").GetString()!;

        foreach (string ends in (string[])[source, destination, $"{source}-{destination}", $"{destination}-{source}"])
        {
            CliRun run = CliRun.Verify(Captures.Pcap("v6-sha1-12"), "--keys", keys, "--json", "--connection", ends);
            Assert.Equal((0, 61), (run.ExitCode, run.Lines.Length));
        }
    }

    [Fact]
    public void Capture_FromTheMiddleWithIsns_Verifies()
    {
        using var folder = new TempFolder();
        string keys = Captures.Keys(folder, "v4-wrap-client-sha1");
        (byte[] header, byte[][] records) = Captures.Split("v4-wrap-client-sha1");
        uint clientIsn = Captures.Sequence(records[0]);
        uint serverIsn = Captures.Sequence(records[1]);
        string all = CliRun.Verify(Captures.Pcap("v4-wrap-client-sha1"), "--keys", keys, "--json").Output;
        using JsonDocument first = JsonDocument.Parse(all.Split('\n')[0]);
        string client = first.RootElement.GetProperty("source").GetString()!;
        string server = first.RootElement.GetProperty("destination").GetString()!;
        Assert.Contains("\"sne\":1", all, StringComparison.Ordinal);

        // before and after the wrap
        foreach (int skipped in (int[])[5, records.Length - 8])
        {
            string file = folder.Write("cut.pcap", Captures.Join(header, records[skipped..]));
            Assert.Equal(1, CliRun.Verify(file, "--keys", keys).ExitCode);
            Assert.Equal(0, CliRun.Verify(file, "--keys", keys, "--isns", $"{client}=0x{clientIsn:x},{server}={serverIsn}").ExitCode);
            Assert.Equal(0, CliRun.Verify(file, "--keys", keys, "--isns", $"{server}=0x{serverIsn:X},{client}={clientIsn}").ExitCode);
            CliRun wrong = CliRun.Verify(file, "--keys", keys, "--json", "--isns", $"{client}={clientIsn ^ 1},{server}={serverIsn}");
            Assert.Equal(1, wrong.ExitCode);
            Assert.Contains("\"valid\":0,", wrong.Output, StringComparison.Ordinal);
        }

        string late = folder.Write("cut.pcap", Captures.Join(header, records[^8..]));
        Assert.Equal(0, CliRun.Verify(late, "--keys", keys, "--isns", $"{client}={clientIsn}/1,{server}={serverIsn}/0").ExitCode);
        Assert.Equal(1, CliRun.Verify(late, "--keys", keys, "--isns", $"{client}={clientIsn}/9,{server}={serverIsn}/0").ExitCode);
    }

    private static string[] Properties(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return [.. document.RootElement.EnumerateObject().Select(property => property.Name)];
    }

    private static void AssertSummary(JsonElement[] lines)
    {
        JsonElement summary = lines[^1];
        Assert.Equal(JsonValueKind.Null, summary.GetProperty("frame").ValueKind);
        Assert.Equal(lines.Length - 1, summary.GetProperty("segments").GetInt32());
        foreach (string verdict in s_summaryKeys[4..])
        {
            int count = lines[..^1].Count(line => string.Equals(line.GetProperty("verdict").GetString(), verdict, StringComparison.Ordinal));
            Assert.Equal(count, summary.GetProperty(verdict).GetInt32());
        }
    }
}
