using TcpAo.Linux;
using Xunit;

namespace TcpAo.Linux.Tests.Diagnostics;

/// <summary>Keys are in memory: no core of it may be written.</summary>
public sealed class CoreDumpTests
{
    [Fact]
    public void Forbid_OfThisProcess_TurnsCoresOffBothWays()
    {
        Assert.True(CoreDumps.Forbid());
        Assert.False(CoreDumps.AreAllowed);
        string limits = File.ReadAllText("/proc/self/limits");
        Assert.Matches("Max core file size +0 +0 +bytes", limits);
    }
}
