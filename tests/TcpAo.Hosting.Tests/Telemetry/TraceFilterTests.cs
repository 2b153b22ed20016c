using TcpAo.Connections;
using TcpAo.Diagnostics;
using TcpAo.Hosting.Telemetry;
using TcpAo.Wire;
using Xunit;

namespace TcpAo.Hosting.Tests.Telemetry;

/// <summary>Each condition lets through what meets it, and nothing that lacks the field.</summary>
public sealed class TraceFilterTests
{
    [Theory]
    [InlineData("event=tcp_ao_mismatch", "event=tcp_ao_key_not_found")]
    [InlineData("event=tcp_ao_mismatch&event=tcp_ao_key_not_found", "event=tcp_ao_key_not_found&event=tcp_hash_ao_required")]
    [InlineData("peer=192.0.2.1", "peer=192.0.2.2")]
    [InlineData("peer=192.0.2.0/30", "peer=2001:db8::/32")]
    [InlineData("source=192.0.2.1", "source=192.0.2.2")]
    [InlineData("source=192.0.2.0/24:40000", "source=192.0.2.1:40001")]
    [InlineData("source=:40000", "source=:179")]
    [InlineData("destination=192.0.2.2:179", "destination=192.0.2.1:179")]
    [InlineData("family=4", "family=6")]
    [InlineData("l3index=7", "l3index=0")]
    [InlineData("flags=S", "flags=SA")]
    [InlineData("flags=S-A", "flags=-S")]
    [InlineData("keyid=61", "keyid=84")]
    [InlineData("rnext=84", "rnext=61")]
    [InlineData("maclen=12", "maclen=16")]
    [InlineData("namespace=4711", "namespace=4712")]
    [InlineData("namespace=4026531840", "namespace=0")]
    [InlineData("keyid=61&rnext=84", "keyid=61&rnext=85")]
    public void Condition_MetOrNot_DecidesAboutASegment(string met, string unmet)
    {
        AoEvent mismatch = TestEvents.Of(AoEventKind.MacMismatch);
        Assert.True(Parse(met).Matches(TestEvents.Origin, mismatch));
        Assert.False(Parse(unmet).Matches(TestEvents.Origin, mismatch));
    }

    [Theory]
    [InlineData("source=192.0.2.2:179&destination=192.0.2.1:40000&peer=192.0.2.1", true)]
    [InlineData("l3index=7", false)]
    [InlineData("flags=S", false)]
    [InlineData("flags=-A", false)]
    [InlineData("keyid=61", false)]
    [InlineData("rnext=84", false)]
    [InlineData("maclen=12", false)]
    public void Condition_AboutAFieldThatASocketsEventLacks_IsNotMet(string conditions, bool isMet) =>
        Assert.Equal(isMet, Parse(conditions).Matches(TestEvents.Origin, TestEvents.Of(AoEventKind.SendSneUpdate)));

    [Theory]
    [InlineData("source=[2001:db8::1]:40000&destination=2001:db8::2&family=6", true)]
    [InlineData("source=2001:db8::/64", true)]
    [InlineData("source=[2001:db8::/64]:40000", true)]
    [InlineData("source=[2001:db8::1]:1", false)]
    [InlineData("family=4", false)]
    public void Condition_OnIPv6_Decides(string conditions, bool isMet) =>
        Assert.Equal(isMet, Parse(conditions).Matches(TestEvents.Origin, TestEvents.Of(AoEventKind.MacMismatch, TestEvents.Pair6)));

    [Theory]
    [InlineData("family=4")]
    [InlineData("family=6")]
    public void Packet_ThatCouldNotBeRead_IsOfNoFamily(string conditions) =>
        Assert.False(Parse(conditions).Matches(TestEvents.Origin, TestEvents.Of(AoEventKind.BadHeader, default(SocketPair))));

    [Fact]
    public void Filter_WithoutConditions_TakesEverything()
    {
        TraceFilter filter = Parse("");
        Assert.Equal(TraceFilter.Everything, filter);
        Assert.All(Enum.GetValues<AoEventKind>(), kind => Assert.True(filter.Matches(TestEvents.Origin, TestEvents.Of(kind, flags: TcpFlags.None))));
    }

    [Theory]
    [InlineData("event=tcp_ao_missmatch", "There is no event 'tcp_ao_missmatch' (did you mean 'tcp_ao_mismatch'?); 'tcpao trace --list' has all.")]
    [InlineData("event=", "There is no event ''; 'tcpao trace --list' has all.")]
    [InlineData("keyidd=1", "There is no condition 'keyidd' (did you mean 'keyid'?); there are event, peer, source, destination, family, l3index, flags, keyid, rnext, maclen, namespace.")]
    [InlineData("keyid=1&keyid=2", "keyid is given twice.")]
    [InlineData("keyid=256", "keyid: '256' is no number from 0 to 255.")]
    [InlineData("rnext=-1", "rnext: '-1' is no number from 0 to 255.")]
    [InlineData("maclen=x", "maclen: 'x' is no number from 0 to 36.")]
    [InlineData("l3index=", "l3index: '' is no number from 0 to 2147483647.")]
    [InlineData("namespace=net", "namespace: 'net' is no number from 0 to 18446744073709551615.")]
    [InlineData("family=5", "family: '5' is neither 4 nor 6.")]
    [InlineData("peer=192.0.2.1/24", "peer: 192.0.2.1/24 has bits set after the prefix; write 192.0.2.0/24, or 192.0.2.1 for the one host.")]
    [InlineData("source=192.0.2.1:65536", "source: '192.0.2.1:65536': a port is a number, 0 to 65535.")]
    [InlineData("destination=host", "destination: 'host' is not an IP address, a prefix such as 192.0.2.0/24, or any.")]
    [InlineData("source=]:1", "source: ']' is not an IP address, a prefix such as 192.0.2.0/24, or any.")]
    [InlineData("source=[", "source: '[' is not an IP address, a prefix such as 192.0.2.0/24, or any.")]
    [InlineData("flags=SX", "flags: 'SX': give letters of SFRPA that are set and, behind a hyphen, others that are not, such as S-A.")]
    [InlineData("flags=S-S", "flags: 'S-S': give letters of SFRPA that are set and, behind a hyphen, others that are not, such as S-A.")]
    [InlineData("flags=", "flags: '': give letters of SFRPA that are set and, behind a hyphen, others that are not, such as S-A.")]
    [InlineData("event=tcp_ao_snd_sne_update&keyid=1", "Event tcp_ao_snd_sne_update has no keyid; 'tcpao trace --list' says what each has.")]
    [InlineData("flags=A&event=tcp_ao_mismatch&event=tcp_ao_synack_no_key", "Event tcp_ao_synack_no_key has no flags; 'tcpao trace --list' says what each has.")]
    public void Condition_ThatIsWrong_IsRefusedWithASentence(string conditions, string sentence)
    {
        Assert.False(TraceFilter.TryParse(Pairs(conditions), out TraceFilter? filter, out string? problem));
        Assert.Null(filter);
        Assert.Equal(sentence, problem);
    }

    private static TraceFilter Parse(string conditions)
    {
        Assert.True(TraceFilter.TryParse(Pairs(conditions), out TraceFilter? filter, out string? problem), problem);
        return filter!;
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string conditions) =>
        conditions.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('=', 2)).Select(parts => KeyValuePair.Create(parts[0], parts[1]));
}
