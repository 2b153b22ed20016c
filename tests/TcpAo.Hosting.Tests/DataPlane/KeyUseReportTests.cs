using System.Collections.Immutable;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.Control.Status;
using Xunit;

namespace TcpAo.Hosting.Tests.DataPlane;

/// <summary>"Is the peer on the new key yet?"</summary>
public sealed class KeyUseReportTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    // the chain wants 2 both ways
    [Theory]
    [InlineData(2, 2, 2, null)]
    [InlineData(1, 2, 1, "the peer signs with 1 and is asked for 2")]
    [InlineData(1, 2, 2, "we sign with 1 and not with 2: the peer asks for 1")]
    [InlineData(2, 1, 1, "we ask for 1, and the chain for 2: with the next segment")]
    [InlineData(2, 2, null, "no segment of the peer since the restart: its key is not known yet")]
    [InlineData(null, 2, 2, "we sign with no key: none may sign now")]
    [InlineData(2, null, 2, "we ask for no key: none is accepted now")]
    public void Connection_InAnyState_IsSettledOrSaysWhatIsPending(int? send, int? rnext, int? last, string? pending)
    {
        KeyUseReport report = KeyUseReport.Of(Snapshot(Connection("synchronized", "signed", send, rnext, last)));
        KeyUse use = Assert.Single(report.Connections);
        Assert.Equal((pending, pending is null, pending is not null), (use.Pending, use.IsSettled, report.AnyLags));
        Assert.Equal((1, pending is null ? 1 : 0), (report.Chains[0].Connections, report.Chains[0].Settled));
        Assert.Equal(s_now.AddHours(-1), use.SendSince);
    }

    [Theory]
    [InlineData("closed", "signed")]
    [InlineData("syn-sent", "signed")]
    [InlineData("synchronized", "unsigned")]
    public void Connection_ThatIsNotUpOrNotSigned_IsLeftOut(string state, string protection)
    {
        KeyUseReport report = KeyUseReport.Of(Snapshot(Connection(state, protection, 1, 1, 1)));
        Assert.Empty(report.Connections);
        Assert.False(report.AnyLags);
    }

    [Fact]
    public void Report_OfOneChain_LeavesTheOthersOut()
    {
        HostSnapshot snapshot = Snapshot(Connection("synchronized", "signed", 1, 1, 1));
        Assert.Single(KeyUseReport.Of(snapshot, "core").Connections);
        Assert.Empty(KeyUseReport.Of(snapshot, "edge").Connections);
    }

    private static ConnectionStatus Connection(string state, string protection, int? send, int? rnext, int? last) =>
        new("192.0.2.1:179", "192.0.2.2:40000", "transit", state, protection, "core/1", send, "core/1", rnext, last, send == 1 ? 1 : last, 0, 0, new CounterStatus(0, 0, 0, 0, 0)) { CurrentKeySince = s_now.AddHours(-1) };

    private static HostSnapshot Snapshot(params ImmutableArray<ConnectionStatus> connections) => new()
    {
        Time = s_now,
        Since = s_now,
        ProcessId = 1,
        Configuration = "tcpao.yaml",
        Rules = new RulesStatus(true, 1, null),
        Queues = [],
        Counters = new CounterStatus(0, 0, 0, 0, 0),
        Peers = [new PeerStatus("transit", "192.0.2.2", "any", "179", "required", "core", 1, 1)],
        KeyChains = [new KeyChainStatus("core", [Key(1), Key(2)]) { SendKey = 2, RnextKey = 2 }],
        Connections = connections,
        Refusals = [],
    };

    private static KeyStatus Key(int id) => new((ulong)id, id, id, "hmac-sha-1-96", 12, true, "now", "now", null, null, "0011", 0, 0);
}
