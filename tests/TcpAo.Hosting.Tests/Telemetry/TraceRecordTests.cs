using System.Text.Json;
using TcpAo.Cli.Output;
using TcpAo.Diagnostics;
using TcpAo.Hosting.Telemetry;
using TcpAo.Hosting.Tests.Cli;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Hosting.Tests.Telemetry;

/// <summary>An event as JSON and as text (docs/reference/trace.md).</summary>
[Collection(ConsoleTests.Name)]
public sealed class TraceRecordTests
{
    private const string Json =
        """{"schema":"tcpao.trace/1","time":"2026-06-01T12:00:00.25+00:00","event":"EVENT","net-cookie":4711,"namespace":4026531840""";

    private static readonly DateTimeOffset s_time = new(2026, 6, 1, 12, 0, 0, 250, TimeSpan.Zero);

    [Theory]
    [InlineData(
        AoEventKind.MacMismatch,
        "tcp_ao_mismatch",
        ""","state":"syn-received","family":4,"source":"192.0.2.1","source-port":40000,"destination":"192.0.2.2","destination-port":179,"l3index":7,"fin":false,"syn":true,"rst":false,"psh":true,"ack":false,"keyid":61,"rnext":84,"maclen":12,"reason":"mac-mismatch"}""",
        "net=4711 state=TCP_SYN_RECV family=AF_INET src=192.0.2.1:40000 dest=192.0.2.2:179 L3index=7 [ S P ] keyid=61 rnext=84 maclen=12 reason=mac-mismatch")]
    [InlineData(
        AoEventKind.SynAckNoKey,
        "tcp_ao_synack_no_key",
        ""","state":"syn-received","family":4,"source":"192.0.2.2","source-port":179,"destination":"192.0.2.1","destination-port":40000,"keyid":61,"rnext":84,"reason":"mac-mismatch"}""",
        "net=4711 state=TCP_SYN_RECV family=AF_INET src=192.0.2.2:179 dest=192.0.2.1:40000 keyid=61 rnext=84 reason=mac-mismatch")]
    [InlineData(
        AoEventKind.ReceiveSneUpdate,
        "tcp_ao_rcv_sne_update",
        ""","state":"syn-received","family":4,"source":"192.0.2.2","source-port":179,"destination":"192.0.2.1","destination-port":40000,"sne":5}""",
        "net=4711 state=TCP_SYN_RECV family=AF_INET src=192.0.2.2:179 dest=192.0.2.1:40000 sne=5")]
    public void Event_HasItsFieldsInJsonAndInText(AoEventKind kind, string name, string json, string text)
    {
        TraceRecord record = TraceRecord.Of(new TracedEvent(s_time, TestEvents.Origin, TestEvents.Of(kind, flags: TcpFlags.Syn | TcpFlags.Psh)));
        string written = JsonSerializer.Serialize(record, TraceJson.Default.TraceRecord);
        Assert.Equal(Json.Replace("EVENT", name, StringComparison.Ordinal) + json, written);
        Assert.Equal($"2026-06-01T12:00:00.250000Z {name}: {text}", TraceText.Line(record));
        Assert.Equal(record, JsonSerializer.Deserialize(written, TraceJson.Default.TraceRecord));
    }

    [Fact]
    public void Event_OfIPv6_HasBracketsInText()
    {
        TraceRecord record = TraceRecord.Of(new TracedEvent(s_time, TestEvents.Origin, TestEvents.Of(AoEventKind.AoRequired, TestEvents.Pair6) with { State = null }));
        Assert.Equal((6, null), (record.Family, record.State));
        Assert.Contains("state=- family=AF_INET6 src=[2001:db8::1]:40000 dest=[2001:db8::2]:179 L3index=7 [ S   ] reason", TraceText.Line(record), StringComparison.Ordinal);
    }

    [Fact]
    public void Event_OfAPacketThatCouldNotBeRead_HasNoEnds()
    {
        TraceRecord record = TraceRecord.Of(new TracedEvent(s_time, TestEvents.Origin, TestEvents.Of(AoEventKind.BadHeader, default(TcpAo.Connections.SocketPair))));
        Assert.Equal((null, null, null), (record.Family, record.Source, record.DestinationPort));
        Assert.Contains("family=- src=- dest=-", TraceText.Line(record), StringComparison.Ordinal);
    }

    [Fact]
    public void Loss_IsALineOfItsOwn()
    {
        TraceRecord record = TraceRecord.OfLost(s_time, 17);
        Assert.Equal("""{"schema":"tcpao.trace/1","time":"2026-06-01T12:00:00.25+00:00","event":"tcpao_lost","lost":17}""", JsonSerializer.Serialize(record, TraceJson.Default.TraceRecord));
        Assert.Equal("2026-06-01T12:00:00.250000Z [LOST 17 EVENTS]", TraceText.Line(record));
    }

    [Fact]
    public void List_HasEveryEventWithItsFields()
    {
        CliRun run = CliRun.Of("trace", "--list");
        Assert.Equal((0, string.Empty), (run.ExitCode, run.Error));
        foreach (TraceEventType type in TraceEvents.All)
        {
            int at = Array.FindIndex(run.Lines, line => line.StartsWith($"{type.Name} ", StringComparison.Ordinal));
            Assert.Contains(type.Meaning, run.Lines[at], StringComparison.Ordinal);
            Assert.Equal(string.Join(' ', type.FieldNames), run.Lines[at + 1].Trim());
        }
    }

    [Theory]
    [InlineData("--count", "0")]
    [InlineData("--count", "x")]
    [InlineData("--events", "tcp_ao_mismatch")]
    public void Usage_ThatIsWrong_EndsWithTwo(params string[] arguments) => Assert.Equal(2, CliRun.Of(["trace", .. arguments]).ExitCode);
}
