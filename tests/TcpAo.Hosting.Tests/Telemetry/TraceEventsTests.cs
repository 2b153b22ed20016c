using TcpAo.Diagnostics;
using TcpAo.Hosting.Telemetry;
using Xunit;

namespace TcpAo.Hosting.Tests.Telemetry;

/// <summary>The names and fields of Linux' trace events (linux-uapi 6).</summary>
public sealed class TraceEventsTests
{
    private const string Segment = "l3index fin syn rst psh ack";
    private const string Ao = $"{Segment} keyid rnext maclen";

    [Theory]
    [InlineData(AoEventKind.BadHeader, "tcp_hash_bad_header", Segment)]
    [InlineData(AoEventKind.Md5Required, "tcp_hash_md5_required", Segment)]
    [InlineData(AoEventKind.Md5Unexpected, "tcp_hash_md5_unexpected", Segment)]
    [InlineData(AoEventKind.Md5Mismatch, "tcp_hash_md5_mismatch", Segment)]
    [InlineData(AoEventKind.AoRequired, "tcp_hash_ao_required", Segment)]
    [InlineData(AoEventKind.HandshakeFailure, "tcp_ao_handshake_failure", Ao)]
    [InlineData(AoEventKind.WrongMacLength, "tcp_ao_wrong_maclen", Ao)]
    [InlineData(AoEventKind.MacMismatch, "tcp_ao_mismatch", Ao)]
    [InlineData(AoEventKind.KeyNotFound, "tcp_ao_key_not_found", Ao)]
    [InlineData(AoEventKind.RNextRequest, "tcp_ao_rnext_request", Ao)]
    [InlineData(AoEventKind.SynAckNoKey, "tcp_ao_synack_no_key", "keyid rnext")]
    [InlineData(AoEventKind.SendSneUpdate, "tcp_ao_snd_sne_update", "sne")]
    [InlineData(AoEventKind.ReceiveSneUpdate, "tcp_ao_rcv_sne_update", "sne")]
    public void Event_OfLinux_HasItsNameAndItsFields(AoEventKind kind, string name, string fields)
    {
        TraceEventType type = TraceEvents.Of(kind);
        Assert.Equal((name, true), (type.Name, type.IsOfLinux));
        Assert.Equal(fields, string.Join(' ', type.FieldNames.Where(field => field is not "reason")));

        // as a segment has its ends, or a socket
        Assert.Equal(fields.Contains("syn", StringComparison.Ordinal), type.IsOfPeersSegment);
    }

    [Fact]
    public void Events_OfAllKinds_AreThereInTheirPlacesUnderDifferentNames()
    {
        Assert.Equal(Enum.GetValues<AoEventKind>(), TraceEvents.All.Select(type => type.Kind));
        Assert.Equal(TraceEvents.All.Length, TraceEvents.All.Select(type => type.Name).Distinct().Count());
        Assert.Equal(13, TraceEvents.All.Count(type => type.IsOfLinux));
        Assert.True(TraceEvents.All.Length <= 32, "a filter has a bit for each");
        Assert.All(TraceEvents.All, type => Assert.Same(type, TraceEvents.Find(type.Name)));
    }
}
