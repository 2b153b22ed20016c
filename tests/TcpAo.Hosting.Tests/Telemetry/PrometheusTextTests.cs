using TcpAo.Hosting.Control.Status;
using TcpAo.Hosting.Telemetry;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Telemetry;

/// <summary>The text that Prometheus gets (docs/reference/metrics.md).</summary>
public sealed class PrometheusTextTests
{
    private static readonly MetricsReading s_reading = new(
        [("in", "accepted", 94_830), ("in", "mac_mismatch", 2), ("out", "no_send_key", 1)],
        IcmpDropped: 3,
        [("syn_sent", 0), ("syn_received", 1), ("synchronized", 12), ("closed", 2)],
        CurrentKeyChanges: 5,
        RNextKeyChanges: 6,
        [("core", 86_400.5), ("a \"chain\" with \\ and \n", 0)],
        [new QueueStatus(5925, 7, 8, 9)]);

    [Fact]
    public void Text_OfAReading_IsTheApprovedOne()
    {
        using HostMetrics metrics = new(static () => s_reading, TimeProvider.System);
        Golden.Match(metrics.Write(), "metrics");
    }

    [Fact]
    public void Reading_OfTheDataPlane_IsTakenOnceASecondAtMost()
    {
        int reads = 0;
        var time = new ManualTime();
        using HostMetrics metrics = new(
            () =>
            {
                reads++;
                return s_reading;
            },
            time);
        string first = metrics.Write();
        Assert.Equal(first, metrics.Write());
        Assert.Equal(1, reads);
        time.Advance(TimeSpan.FromSeconds(1));
        metrics.Write();
        Assert.Equal(2, reads);
    }

    [Fact]
    public void Two_ProgramsInOneProcess_AreNotMixedUp()
    {
        using HostMetrics one = new(static () => s_reading, TimeProvider.System);
        using HostMetrics other = new(static () => s_reading with { IcmpDropped = 99 }, TimeProvider.System);
        Assert.Contains("tcpao_icmp_dropped_total 3\n", one.Write(), StringComparison.Ordinal);
        Assert.Contains("tcpao_icmp_dropped_total 99\n", other.Write(), StringComparison.Ordinal);
    }
}
