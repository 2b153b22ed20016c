using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.Emulation;
using Xunit;

namespace TcpAo.Hosting.Tests.Configuration;

/// <summary>docs/reference/configuration.md, <c>exec</c>: whose programs a running <c>tcpao run</c> serves.</summary>
public sealed class ProgramGroupTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("exec: { group: any }\n", "any")]
    [InlineData("exec: { group: netops }\n", "netops")]
    public void Group_IsTakenAsItIsWritten(string text, string? expected) => Assert.Equal(expected, Parse(text).ProgramGroup);

    [Theory]
    [InlineData("exec: any\n", "exec")]
    [InlineData("exec: {}\n", "group")]
    [InlineData("exec: { groups: any }\n", "groups")]
    [InlineData("exec: { group: [any] }\n", "group")]
    public void Anything_Else_IsAnErrorThatNamesIt(string text, string named)
    {
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => Parse(text));
        Assert.Contains(error.Errors, one => one.ToString().Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public void Group_OfTheHost_IsFoundOrMissed()
    {
        Assert.Equal(ProgramAccess.Nobody, HostControl.ProgramsOf(Parse("")));
        Assert.Equal(new ProgramAccess(true, null), HostControl.ProgramsOf(Parse("exec: { group: any }\n")));
        Assert.Equal(new ProgramAccess(false, 0), HostControl.ProgramsOf(Parse("exec: { group: root }\n")));
        ConfigurationException error = Assert.Throws<ConfigurationException>(() => HostControl.ProgramsOf(Parse("exec: { group: no-such-group }\n")));
        Assert.Contains("groupadd", Assert.Single(error.Errors).ToString(), StringComparison.Ordinal);
    }

    private static TcpAoConfiguration Parse(string text) => ConfigurationFile.Parse(
        $"{text}key-chains: [{{ name: c, keys: [{{ id: 1, send-id: 1, recv-id: 1, secret: \"of 32 bytes and more, for any algorithm\" }}] }}]\npeers:\n- {{ name: p, remote: 192.0.2.1, key-chain: c }}\n",
        "tcpao.yaml",
        "/nonexistent");
}
