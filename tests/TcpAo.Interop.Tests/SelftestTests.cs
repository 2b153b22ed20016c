using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>Linux' own tests of TCP-AO, unmodified, under <c>tcpao exec</c> on a kernel that has none: each point that they pass on a kernel with TCP-AO they pass here.</summary>
public sealed class SelftestTests
{
    private const string NoTrace = "# SKIP kernel config doesn't have ftrace - no checks";
    private const string NoVrf = "VRFs are not supported (CONFIG_NET_VRF)";

    public static TheoryData<string> Programs => [.. Selftest.OnLinux.Keys.SelectMany(name => new[] { $"{name}_ipv4", $"{name}_ipv6" })];

    [Theory]
    [MemberData(nameof(Programs))]
    [Trait("Requirement", "R-057")]
    public void Selftest_UnderExec_PassesAllThatItPassesOnAKernelWithTcpAo(string program)
    {
        Selftest.SkipUnlessThere();
        Selftest came = Selftest.Run(program);
        Assert.True(came.ExitCode == 0 && came.Failed.Count == 0, $"{program} ended with {came.ExitCode}:\n{came.Output}");

        // what this kernel cannot do at all: its trace events for TCP-AO, one point a program, and VRFs
        Assert.True(came.Skipped.Count(said => string.Equals(said, NoTrace, StringComparison.Ordinal)) <= 1, came.Output);
        Assert.All(came.Skipped, said => Assert.True(string.Equals(said, NoTrace, StringComparison.Ordinal) || said.EndsWith(NoVrf, StringComparison.Ordinal), said));
        Assert.Equal(Selftest.OnLinux[program[..program.LastIndexOf('_')]], (came.Passed + came.Skipped.Count, came.ExpectedFailures));
    }
}
