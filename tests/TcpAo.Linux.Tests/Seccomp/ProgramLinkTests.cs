using System.Net.Sockets;
using TcpAo.Linux.Seccomp;
using Xunit;

namespace TcpAo.Linux.Tests.Seccomp;

/// <summary>What <c>tcpao exec</c> and a running <c>tcpao run</c> say to each other.</summary>
public sealed class ProgramLinkTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Question_IsReadAsItWasAsked(bool counters, bool follow) => Assert.Equal((counters, follow), ProgramLink.ReadAsked(ProgramLink.Ask(counters, follow)));

    [Theory]
    [InlineData("")]
    [InlineData("tcpao-exec/2 counters")]
    [InlineData("GET / HTTP/1.1")]
    public void Question_OfAnotherVersion_IsNone(string line) => Assert.Null(ProgramLink.ReadAsked(line));

    [Fact]
    public void Line_IsReadToItsEndAndNoFurther()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint($"\0tcpao-link-{Guid.NewGuid()}"));
        listener.Listen();
        using var from = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        from.Connect(listener.LocalEndPoint!);
        using Socket to = listener.Accept();
        ProgramLink.WriteLine(from, "one");
        ProgramLink.WriteLine(from, "two");
        Assert.Equal("one", ProgramLink.ReadLine(to));
        Assert.Equal(4, to.Available);
        Assert.Equal("two", ProgramLink.ReadLine(to));

        // one that never ends, and one that is cut off
        from.Send(new byte[2000]);
        Assert.Null(ProgramLink.ReadLine(to));
        from.Shutdown(SocketShutdown.Send);
        Assert.Null(ProgramLink.ReadLine(to));
    }

    [Fact]
    public void Socket_StandsBesideTheState() => Assert.Equal("/run/tcpao/a.exec", ProgramLink.PathBeside("/run/tcpao/a.state"));
}
