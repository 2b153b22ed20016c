using TcpAo.Linux.Seccomp;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Seccomp;

/// <summary>Calls that are watched for what must agree with the options: listen(), SO_ERROR and the opening of files.</summary>
public sealed class WatchedCallTests
{
    private const string Script =
        """
        s = tcp(); s.bind(('127.0.0.1', 0)); s.listen(3)
        say(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE))
        say(open('/proc/net/netstat').read(9), os.read(os.open('/proc/version', os.O_RDONLY), 5))
        """;

    private static readonly List<MemoryFile> s_handed = [];

    [Fact]
    public void Listen_ErrorAndOpen_AreSeenWhereTheyAreWatched()
    {
        using Supervised run = Start(isWatched: true, call => call.Kind == SocketCallKind.OpenFile && PathOf(call) is "/proc/net/netstat" ? Hand(call) : SocketAnswer.Continue);
        Assert.Equal(0, run.Finish());
        ScriptedHandler.Seen[] seen = [.. run.Handler.Calls];
        Assert.Single(seen, call => call.Kind == SocketCallKind.Listen);
        Assert.Single(seen, call => call.Kind == SocketCallKind.ReadError);
        Assert.Contains(seen, call => call.Kind == SocketCallKind.OpenFile);
        Assert.Equal("0 1\nours alon b'Linux'\n", run.Output);
    }

    [Fact]
    public void Listen_ErrorAndOpen_AreNotStoppedWhereNobodyWatches()
    {
        using Supervised run = Start(isWatched: false, _ => SocketAnswer.Fail(5));
        Assert.Equal(0, run.Finish());
        Assert.Empty(run.Handler.Calls);
        Assert.Equal("0 1\nTcpExt: S b'Linux'\n", run.Output);
    }

    [Fact]
    public void Listen_ItsSocket_IsTheOneAndIsBoundForIt()
    {
        TcpState? state = null;
        ushort port = 0;
        using Supervised run = Supervised.Python(
            """
            s = tcp(); s.listen(); say(s.getsockname()[1])
            """,
            call =>
            {
                if (call.Kind == SocketCallKind.Listen && call.TryOpenSocket())
                {
                    state = call.Socket.ReadState();
                    Assert.Equal(0, call.Socket.BindToAnyPort());
                    port = call.Socket.ReadLocal().Port;
                }

                return SocketAnswer.Continue;
            },
            watches: true);
        Assert.Equal(0, run.Finish());
        Assert.Equal(TcpState.Closed, state);
        Assert.NotEqual(0, port);
        Assert.Equal($"{port}\n", run.Output);
    }

    private static Supervised Start(bool isWatched, Func<SocketCall, SocketAnswer> answer) => Supervised.Python(Script, answer, watches: isWatched);

    private static string PathOf(SocketCall call)
    {
        Span<byte> bytes = stackalloc byte[32];
        Assert.Equal(0, call.ReadPart(bytes, out int count));
        int end = bytes[..count].IndexOf((byte)0);
        return end < 0 ? "" : System.Text.Encoding.UTF8.GetString(bytes[..end]);
    }

    private static SocketAnswer Hand(SocketCall call)
    {
        // open for longer than the call: the kernel copies the descriptor when the answer is sent
        MemoryFile file = MemoryFile.Create("netstat", "ours alone"u8);
        s_handed.Add(file);
        return SocketAnswer.Hand(file.Descriptor, closeOnExec: (call.Option & 0x80000) != 0);
    }
}
