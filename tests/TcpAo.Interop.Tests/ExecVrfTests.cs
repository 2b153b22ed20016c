using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>
/// <c>tcpao exec</c> on the guest's kernel, which has VRFs: Linux' own test of TCP-AO and TCP MD5 keys that are bound to them. That kernel has TCP-AO too; the program's calls do not reach it.
/// </summary>
public sealed class ExecVrfTests
{
    private const int VrfPoints = 18;

    // that kernel has the events, and its own TCP-AO, which is not used, would emit them
    private const string NoEvents = "Some trace events were expected, but didn't occur";

    [Theory]
    [InlineData("unsigned-md5_ipv4")]
    [InlineData("unsigned-md5_ipv6")]
    [Trait("Requirement", "R-099")]
    public void Selftest_UnderExecWhereThereAreVrfs_PassesItsPointsOfVrfs(string program)
    {
        Selftest.SkipUnlessThere();
        Assert.SkipUnless(HostFilesGuest.Missing.Length == 0, HostFilesGuest.Missing);
        using var guest = new HostFilesGuest();
        (int? code, string output) = guest.Run(Path.Combine(AppContext.BaseDirectory, "TcpAo.Cli.dll"), "exec", "--proc", "--", Selftest.PathOf(program));
        Assert.SkipUnless(code is not null, "the guest cannot see this host's files (only user-mode Linux can)");
        Selftest came = Selftest.Parse(output, code.Value, output);
        Assert.True(came.Failed.All(said => said.Contains(NoEvents, StringComparison.Ordinal)) && came.Failed.Count <= 1 && came.Skipped.Count == 0, output);
        Assert.True(came.Passed + came.Failed.Count == Selftest.OnLinux["unsigned-md5"].Passed, output);
        Assert.Equal(VrfPoints, came.PassedPoints.Count(said => said.StartsWith("VRF: ", StringComparison.Ordinal)));
    }
}
