using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>
/// Tests of other projects on the guest's kernel, which has TCP-AO, VRFs and nf_tables' own <c>queue</c> expression where this host's kernel may have
/// neither. What is skipped there says what is missing.
/// </summary>
public sealed class OtherKernelTests
{
    [Theory]
    [InlineData("TcpAo.DataPlane.Tests", "--filter-class", "*.Vrf4Tests")]
    [InlineData("TcpAo.DataPlane.Tests", "--filter-method", "*.Vrf6Tests.Reload_*")]
    [InlineData(
        "TcpAo.Linux.Tests", "--filter-method", "*.NftRulesetTests.*", "*.FailClosedTests.*", "*.QueueTransferTests.Segments_*", "*.MatchTests.Port*", "*.MatchTests.Icmp*", "*.MatchTests.Extension*")]
    public void Tests_OnAKernelWithVrfsAndTheQueueExpression_PassThere(string project, params string[] filter)
    {
        Assert.SkipUnless(HostFilesGuest.Missing.Length == 0, HostFilesGuest.Missing);

        // beside this project's folder, where a build of everything puts it
        string path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), $"{project}.dll"));
        Assert.SkipUnless(File.Exists(path), $"{path} is not built");
        using var guest = new HostFilesGuest();
        (int? code, string output) = guest.Run(path, [.. filter, "--no-progress", "--no-ansi"]);
        Assert.SkipUnless(code is not null, "the guest cannot see this host's files (only user-mode Linux can)");
        TestContext.Current.TestOutputHelper?.WriteLine(output);
        Assert.True(code == 0, output);
        Assert.Contains("skipped: 0", output, StringComparison.Ordinal);
    }
}
