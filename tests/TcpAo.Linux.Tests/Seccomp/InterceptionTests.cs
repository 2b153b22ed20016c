using System.Diagnostics;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Namespaces;
using TcpAo.Linux.Seccomp;
using TcpAo.Linux.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Seccomp;

/// <summary>Real programs whose calls are answered here: which calls, with what, and what the program gets.</summary>
public sealed class InterceptionTests
{
    private const int EKEYREJECTED = 129;
    private const int ENOENT = 2;
    private const int ENOPROTOOPT = 92;

    [Fact]
    public void SetOption_OfAKey_BringsItsBytesAndTheSocket()
    {
        using Supervised run = Supervised.Python(
            """
            s = tcp(socket.AF_INET6)
            say(cookie(s), s.setsockopt(6, ADD, bytes(range(200)) + bytes(88)), attempt(s.setsockopt, 6, DEL, b'x' * 144))
            """,
            call => call.Option == 38 ? SocketAnswer.Success : SocketAnswer.Fail(ENOENT));
        Assert.Equal(0, run.Finish());
        ScriptedHandler.Seen[] seen = [.. run.Handler.Calls];
        Assert.Equal([(SocketCallKind.SetOption, 38, 288), (SocketCallKind.SetOption, 39, 144)], seen.Select(call => (call.Kind, call.Option, call.Length)));
        Assert.Equal([.. Enumerable.Range(0, 200).Select(value => (byte)value), .. new byte[88]], seen[0].Value);
        Assert.Equal($"{seen[0].Cookie} None errno {ENOENT}\n", run.Output);
        Assert.Equal(seen[0].Cookie, seen[1].Cookie);
        Assert.Equal([true, true], run.Handler.Deliveries);
    }

    [Fact]
    public void GetOption_Answered_HandsOutBytesAndLength()
    {
        using Supervised run = Supervised.Python(
            """
            s = tcp()
            say(s.getsockopt(6, INFO, 48))
            say(attempt(s.getsockopt, 6, KEYS, 304))
            """,
            call =>
            {
                if (call.Option != 40)
                {
                    return SocketAnswer.Fail(ENOENT);
                }

                Assert.Equal((0, 0, 0), (call.WriteValue(0, "abc"u8), call.WriteValue(3, "defgh"u8), call.WriteLength(7)));
                return SocketAnswer.Success;
            });
        Assert.Equal(0, run.Finish());
        Assert.Equal($"b'abcdefg'\nerrno {ENOENT}\n", run.Output);
        Assert.Equal([48, 304], run.Handler.Calls.Select(call => call.Length));
    }

    [Fact]
    public void Connect_Stopped_FailsWithTheAnswerOrGoesOn()
    {
        int seen = 0;
        using Supervised run = Supervised.Python(
            """
            listener = tcp(); listener.bind(('127.0.0.1', 0)); listener.listen()
            say(attempt(tcp().connect, listener.getsockname()), attempt(tcp().connect, listener.getsockname()))
            say(attempt(socket.socket(socket.AF_UNIX).connect, '/nowhere'))
            """,
            call =>
            {
                Span<byte> address = stackalloc byte[16];
                bool isTcp = call.TryOpenSocket() && call.Socket.IsTcp;
                bool isToLoopback = call.Length == 16 && call.ReadValue(0, address) == 0 && address[4] == 127;
                return isTcp && isToLoopback && seen++ == 0 ? SocketAnswer.Fail(EKEYREJECTED) : SocketAnswer.Continue;
            });
        Assert.Equal(0, run.Finish());
        Assert.Equal($"errno {EKEYREJECTED} None\nerrno {ENOENT}\n", run.Output);
    }

    [Fact]
    public void Call_OnWhatIsNoTcpSocket_HasTheKernelsAnswer()
    {
        using Supervised run = Supervised.Python(
            """
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            raw = attempt(socket.socket, socket.AF_INET, socket.SOCK_RAW, 6)
            key = bytes(288)
            say(bad('setsockopt', 999, ADD, key, 288), bad('setsockopt', 1, ADD, key, 288), bad('setsockopt', -1, ADD, key, 288), bad('setsockopt', 2**31 - 1, ADD, key, 288))
            say(attempt(udp.setsockopt, 6, ADD, key), attempt(socket.socket(socket.AF_UNIX).setsockopt, 6, ADD, key))
            say(isinstance(raw, str) or attempt(raw.setsockopt, 6, ADD, key))
            say(bad('setsockopt', tcp().fileno(), ADD, key, -1))
            """,
            _ => SocketAnswer.Success);
        Assert.Equal(0, run.Finish());
        Assert.Equal("errno 9 errno 88 errno 9 errno 9\nerrno 92 errno 95\nerrno 92\nerrno 9\n", run.Output.Replace("True\n", "errno 92\n", StringComparison.Ordinal));
        Assert.Empty(run.Handler.Calls);
    }

    [Fact]
    public void OtherCalls_OfTheProgram_AreNotSeen()
    {
        using Supervised run = Supervised.Python(
            """
            s = tcp(); s.setsockopt(6, socket.TCP_NODELAY, 1); s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            say(s.getsockopt(6, socket.TCP_NODELAY), s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
            """,
            _ => SocketAnswer.Fail(ENOPROTOOPT));
        Assert.Equal(0, run.Finish());
        Assert.Equal("1 1\n", run.Output);
        Assert.Empty(run.Handler.Calls);
    }

    [Fact]
    public void Calls_OfThreadsChildrenAndWhatTheyExecute_AllArrive()
    {
        using Supervised run = Supervised.Python(
            """
            s = tcp()
            threads = [threading.Thread(target=lambda: [s.setsockopt(6, ADD, bytes(288)) for _ in range(200)]) for _ in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            for _ in range(4):
                if os.fork() == 0:
                    t = tcp()
                    for _ in range(50): t.setsockopt(6, ADD, bytes(288))
                    os._exit(0)
            for _ in range(4): os.wait()
            import subprocess
            code = 'import socket; socket.socket().setsockopt(6, 38, bytes(288))'
            say([subprocess.call(['/bin/sh', '-c', '"$@"', 'sh', sys.executable, '-S', '-c', code]) for _ in range(3)])
            """,
            _ => SocketAnswer.Success);
        Assert.Equal(0, run.Finish());
        Assert.Equal("[0, 0, 0]\n", run.Output);
        Assert.Equal((8 * 200) + (4 * 50) + 3, run.Handler.Calls.Count);
        Assert.Equal(1 + 4 + 3, run.Handler.Calls.Select(call => call.Cookie).Distinct().Count());
        Assert.All(run.Handler.Deliveries, Assert.True);
    }

    [Fact]
    public void Socket_OfAnotherNamespace_TellsWhichOneItIsOf()
    {
        using Host host = Host.Create();
        List<ulong> opened = [];
        using Supervised run = Supervised.Python(
            """
            before = tcp(); before.setsockopt(6, ADD, bytes(288))
            if libc.unshare(0x40000000) != 0: sys.exit(3)
            after = tcp(); after.setsockopt(6, ADD, bytes(288)); before.setsockopt(6, ADD, bytes(288))
            say(struct.unpack('Q', before.getsockopt(1, 71, 8))[0], struct.unpack('Q', after.getsockopt(1, 71, 8))[0])
            """,
            call =>
            {
                using NetworkNamespace space = call.Socket.OpenNamespace();
                opened.Add(space.Run(() => (ulong)new FileInfo("/proc/thread-self/ns/net").LinkTarget!.GetHashCode(StringComparison.Ordinal)));
                return SocketAnswer.Success;
            });
        Assert.Equal(0, run.Finish());
        ulong[] spaces = [.. run.Handler.Calls.Select(call => call.NamespaceCookie)];
        Assert.NotEqual(spaces[0], spaces[1]);
        Assert.Equal(spaces[0], spaces[2]);
        Assert.Equal($"{spaces[0]} {spaces[1]}\n", run.Output);
        Assert.Equal((opened[0], false), (opened[2], opened[0] == opened[1]));
    }

    [Fact]
    public void Socket_PassedToAnotherProcess_IsTheSame()
    {
        using Supervised run = Supervised.Python(
            """
            one, other = socket.socketpair()
            s = tcp(); s.setsockopt(6, ADD, bytes(288))
            if os.fork() == 0:
                _, fds, _, _ = socket.recv_fds(other, 10, 1)
                socket.socket(fileno=fds[0]).setsockopt(6, ADD, bytes(288))
                os._exit(0)
            socket.send_fds(one, [b'x'], [s.fileno()])
            os.wait()
            """,
            _ => SocketAnswer.Success);
        Assert.Equal(0, run.Finish());
        Assert.Equal(2, run.Handler.Calls.Count);
        Assert.Single(run.Handler.Calls.Select(call => call.Cookie).Distinct());
        Assert.Equal(2, run.Handler.Calls.Select(call => call.ThreadId).Distinct().Count());
    }

    [Fact]
    public void State_OfTheSocket_IsTheKernels()
    {
        List<TcpState> states = [];
        using Supervised run = Supervised.Python(
            """
            s = tcp(); s.setsockopt(6, ADD, bytes(288))
            s.bind(('127.0.0.1', 0)); s.listen(); s.setsockopt(6, ADD, bytes(288))
            c = tcp(); c.connect(s.getsockname()); c.setsockopt(6, ADD, bytes(288))
            """,
            call =>
            {
                if (call.Kind == SocketCallKind.SetOption)
                {
                    states.Add(call.Socket.ReadState());
                    return SocketAnswer.Success;
                }

                return SocketAnswer.Continue;
            });
        Assert.Equal(0, run.Finish());
        Assert.Equal([TcpState.Closed, TcpState.Listen, TcpState.Established], states);
    }

    private static bool CanExecute(string program)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program) { UseShellExecute = false })!;
            process.WaitForExit();
            return true;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StaticProgram_WithoutACLibrary_IsServedOnEveryInterface(bool is32Bit)
    {
        Assert.SkipUnless(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture is System.Runtime.InteropServices.Architecture.X64, "the program is for x86");
        string folder = Directory.CreateTempSubdirectory("tcpao-test-").FullName;
        try
        {
            string program = Supervised.Compile(folder, "calls.c", ["-static", "-nostdlib", "-ffreestanding", "-fno-pie", "-no-pie", .. is32Bit ? (string[])["-m32"] : []]);
            Assert.SkipUnless(CanExecute(program), "this kernel does not execute 32-bit programs, whatever its configuration says (some hypervisors take that away)");
            using Supervised run = Supervised.Start(new ProgramStart { Program = program }, call =>
            {
                if (call.Kind == SocketCallKind.Connect)
                {
                    return SocketAnswer.Fail(EKEYREJECTED);
                }

                if (call.Kind == SocketCallKind.GetOption)
                {
                    Assert.Equal((48, 0, 0), (call.Length, call.WriteValue(0, "ZZZZZZZZ"u8), call.WriteLength(32)));
                }

                Assert.Equal(is32Bit, call.IsI386);
                return SocketAnswer.Success;
            });
            Assert.Equal(is32Bit ? 127 : 63, run.Finish());
            Assert.Equal(is32Bit ? [true, true, true, true, true, true] : [false, false, false, true, true, true], run.Handler.Calls.Select(call => call.Is32Bit));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Handler_Throwing_FailsThatCallOnly()
    {
        List<string> failures = [];
        using Supervised run = Supervised.Python(
            "s = tcp(); say(attempt(s.setsockopt, 6, ADD, bytes(288)), attempt(s.setsockopt, 6, DEL, bytes(144)))",
            call => call.Option == 38 ? throw new InvalidOperationException("on purpose") : SocketAnswer.Success,
            exception => failures.Add(exception.Message));
        Assert.Equal(0, run.Finish());
        Assert.Equal("errno 5 None\n", run.Output);
        Assert.Equal(["on purpose"], failures);
    }

    [Fact]
    public void Descriptor_HandedOver_IsTheProgramsOwn()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "from the supervisor");
            using FileStream stream = File.OpenRead(file);
            using Supervised run = Supervised.Python(
                "s = tcp(); fd = libc.getsockopt(s.fileno(), 6, INFO, ctypes.create_string_buffer(48), ctypes.byref(ctypes.c_int(48))); say(os.pread(fd, 100, 0))",
                _ => SocketAnswer.Hand(stream.SafeFileHandle, closeOnExec: true));
            Assert.Equal(0, run.Finish());
            Assert.Equal("b'from the supervisor'\n", run.Output);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
