using TcpAo.Diagnostics;
using TcpAo.Hosting.Emulation;
using Xunit;

namespace TcpAo.Hosting.Tests.Emulation;

/// <summary>/proc/net/netstat with the counters of TCP-AO (linux-uapi 6).</summary>
public sealed class NetstatFileTests
{
    private const string Before = "TcpExt: SyncookiesSent TCPOrigDataSent\nTcpExt: 1 2\nIpExt: InNoRoutes\nIpExt: 3\n";

    [Fact]
    public void Columns_ThatAreMissing_AreAdded() => Assert.Equal(
        "TcpExt: SyncookiesSent TCPOrigDataSent TCPAORequired TCPAOBad TCPAOKeyNotFound TCPAOGood TCPAODroppedIcmps\nTcpExt: 1 2 7 8 9 8 11\nIpExt: InNoRoutes\nIpExt: 3\n",
        NetstatFile.Patch(Before, Counters(), hidden: 2));

    [Fact]
    public void Columns_OfAKernelWithTcpAo_AreReplaced() => Assert.Equal(
        "TcpExt: TCPAOGood A TCPAORequired TCPAOBad TCPAOKeyNotFound TCPAODroppedIcmps\nTcpExt: 10 5 7 8 9 11\n",
        NetstatFile.Patch("TcpExt: TCPAOGood A TCPAORequired TCPAOBad TCPAOKeyNotFound TCPAODroppedIcmps\nTcpExt: 0 5 0 0 0 0\n", Counters(), hidden: 0));

    [Theory]
    [InlineData("")]
    [InlineData("IpExt: A\nIpExt: 1\n")]
    [InlineData("TcpExt: A")]
    public void Text_OfAnotherForm_StaysAsItIs(string text) => Assert.Equal(text, NetstatFile.Patch(text, Counters(), hidden: 0));

    private static AoCounters Counters() => new() { Required = 7, Bad = 8, KeyNotFound = 9, Good = 10, DroppedIcmps = 11 };
}
