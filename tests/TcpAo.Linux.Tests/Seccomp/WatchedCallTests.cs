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

    [Fact]
    public void Send_ThatConnects_IsSeenAsConnect()
    {
        List<byte[]> addresses = [];
        using Supervised run = Supervised.Python(
            """
            FAST = 0x20000000
            at = ('127.0.0.1', 9)
            class Message(ctypes.Structure):
                _fields_ = [('name', ctypes.c_void_p), ('length', ctypes.c_uint), ('iov', ctypes.c_void_p), ('iovlen', ctypes.c_size_t), ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t), ('flags', ctypes.c_int), ('done', ctypes.c_uint)]
            name = ctypes.create_string_buffer(struct.pack('=HHI8x', socket.AF_INET, socket.htons(9), 0x0100007f), 16)
            def all():
                s = tcp(); m = Message(ctypes.addressof(name), 16); ctypes.set_errno(0)
                return 'ok' if libc.sendmmsg(s.fileno(), ctypes.byref(m), 1, FAST) >= 0 else 'errno %d' % ctypes.get_errno()
            say(attempt(tcp().sendto, b'x', FAST, at), attempt(tcp().sendmsg, [b'x'], [], FAST, at), all())
            say(attempt(tcp().sendto, b'x', socket.MSG_NOSIGNAL, at))
            """,
            call =>
            {
                byte[] address = new byte[8];
                Assert.Equal(16, call.Length);
                Assert.Equal(0, call.ReadValue(0, address));
                addresses.Add(address);
                return SocketAnswer.Fail(129);
            });
        Assert.Equal(0, run.Finish());
        Assert.Equal([SocketCallKind.Connect, SocketCallKind.Connect, SocketCallKind.Connect], run.Handler.Calls.Select(call => call.Kind));
        Assert.All(run.Handler.Calls, call => Assert.NotEqual(0ul, call.Cookie));
        Assert.All(addresses, address => Assert.Equal([2, 0, 0, 9, 127, 0, 0, 1], address));
        Assert.StartsWith("errno 129 errno 129 errno 129\nerrno 32", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 14)]
    public void Rings_UnlessAllowed_AreRefusedAsWhereTheyAreSwitchedOff(bool isAllowed, int errno)
    {
        Assert.SkipWhen(isAllowed && File.Exists("/proc/sys/kernel/io_uring_disabled") && !File.ReadAllText("/proc/sys/kernel/io_uring_disabled").StartsWith('0'), "io_uring is switched off");
        using Supervised run = Supervised.Python("""say(libc.syscall(425, 1, 0), ctypes.get_errno())""", _ => SocketAnswer.Continue, allowsRings: isAllowed);
        Assert.Equal(0, run.Finish());
        string output = run.Output;
        Assert.SkipWhen(output is "-1 38\n", "this kernel has no io_uring");
        Assert.Equal($"-1 {errno}\n", output);
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
