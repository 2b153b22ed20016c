using TcpAo.Interop.Tests.Support;
using Xunit;

namespace TcpAo.Interop.Tests;

/// <summary>The .NET API and its examples on Linux's own TCP-AO: programs of this repository that run in the guest.</summary>
public sealed class SocketApiTests(DotNetGuest guest) : IClassFixture<DotNetGuest>
{
    [Theory]
    [InlineData("IPv4")]
    [InlineData("IPv6")]
    [InlineData("mapped")]
    [Trait("Requirement", "R-054")]
    [Trait("Requirement", "R-055")]
    [Trait("Requirement", "R-056")]
    [Trait("Requirement", "R-057")]
    public void Matrix_OnAKernelWithTcpAo_PassesInEveryRow(string family)
    {
        string[] lines = guest.Start("TcpAo.Linux.Tests", $"sockets {family}").WaitForEnd().Split('|', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines[..^1], line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
        Assert.Matches(@"^(\d+) of \1 rows passed, ports and received ids refused", lines[^1]);
    }

    [Fact]
    public void Example_SocketEcho_GetsItsWordBack()
    {
        Guest.GuestProgram server = guest.Start("SocketEcho", "server 127.0.0.1 5925", port: 5925);
        Assert.Equal("hello, signed with key 2, 0 bad segments|", guest.Start("SocketEcho", "client 127.0.0.1 5925").WaitForEnd());
        Assert.Equal("", server.WaitForEnd());
    }

    [Fact]
    public void Example_Kestrel_AnswersOverTcpAoAlone() =>
        Assert.Equal("with TCP-AO: key 1, 0 bad segments|without: no answer|", guest.Start("KestrelOverTcpAo", "").WaitForEnd());
}
