using System.Net.Sockets;
using TcpAo.Hosting.Emulation;
using TcpAo.Hosting.Tests.Support;
using Xunit;

namespace TcpAo.Hosting.Tests.Emulation;

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
        using var folder = new TempFolder();
        string path = Path.Combine(folder.Path, "s");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        using var from = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        from.Connect(new UnixDomainSocketEndPoint(path));
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

    [Fact]
    public void Access_IsOfAGroupOrOfEverybody()
    {
        Assert.False(ProgramAccess.Nobody.Admits([0, 1]));
        Assert.True(new ProgramAccess(true, null).Admits([]));
        Assert.True(new ProgramAccess(false, 7).Admits([1, 7]));
        Assert.False(new ProgramAccess(false, 7).Admits([1, 2]));
    }
}
