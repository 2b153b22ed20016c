using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Seccomp;
using TcpAo.Linux.Tests.Support;
using TcpAo.Uapi;
using Xunit;

namespace TcpAo.Linux.Tests.Seccomp;

/// <summary>Programs that mean harm: the supervisor answers as the kernel would, or drops the call, and lives.</summary>
public sealed class HostileTests
{
    private const int SIGKILL = 9;
    private const int SIGUSR1 = 10;

    [Fact]
    public void Pointers_ThatLeadNowhere_GiveEfault()
    {
        using Supervised run = Supervised.Python(
            """
            import mmap
            s = tcp(); fd = s.fileno()
            libc.mmap.restype = ctypes.c_void_p
            libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
            def page(protection, after=0):
                at = libc.mmap(None, 8192, protection, 0x22, -1, 0)
                if after is not None: libc.mprotect(ctypes.c_void_p(at + 4096), 4096, after)
                return at
            edge, sealed = page(3), page(1, None)
            for pointer in (None, 8, 2**47, 2**64 - 4096, 0xffffffffff600000, edge + 4096, edge + 4096 - 287):
                p = ctypes.c_void_p(pointer)
                say(bad('setsockopt', fd, ADD, p, 288), bad('getsockopt', fd, INFO, p, ctypes.byref(ctypes.c_int(48))) if pointer != edge + 4096 - 287 else 'errno 14')
            say(bad('setsockopt', fd, ADD, ctypes.c_void_p(edge + 4096 - 288), 288), bad('setsockopt', fd, ADD, ctypes.c_void_p(sealed), 288))
            say(bad('getsockopt', fd, INFO, ctypes.c_void_p(sealed), ctypes.byref(ctypes.c_int(48))))
            buffer = ctypes.create_string_buffer(48)
            say([bad('getsockopt', fd, INFO, buffer, ctypes.c_void_p(p)) for p in (None, 8, 2**64 - 4, edge + 4096, edge + 4093, sealed)])
            """,
            call =>
            {
                int error = call.Kind == SocketCallKind.GetOption ? call.WriteValue(0, new byte[48]) : 0;
                error = error == 0 && call.Kind == SocketCallKind.GetOption ? call.WriteLength(48) : error;
                return error == 0 ? SocketAnswer.Success : SocketAnswer.Fail(error);
            });
        Assert.Equal(0, run.Finish());
        string expected = string.Concat(Enumerable.Repeat("errno 14 errno 14\n", 7)) + "ok ok\nerrno 14\n['errno 14', 'errno 14', 'errno 14', 'errno 14', 'errno 14', 'errno 14']\n";
        Assert.Equal(expected, run.Output);
    }

    [Fact]
    public void Lengths_OfAnyKind_ReachTheHandlerAsTheyAre()
    {
        using Supervised run = Supervised.Python(
            """
            s = tcp(); buffer = ctypes.create_string_buffer(4096)
            for length in (0, 1, 287, 4096, 2**31 - 1): say(bad('setsockopt', s.fileno(), ADD, buffer, length))
            for length in (0, -1, -2**31, 2**31 - 1): say(bad('getsockopt', s.fileno(), INFO, buffer, ctypes.byref(ctypes.c_int(length))))
            """,
            call => call.Length is > 0 and < 1000 ? SocketAnswer.Success : SocketAnswer.Fail(22));
        Assert.Equal(0, run.Finish());
        Assert.Equal([0, 1, 287, 4096, int.MaxValue, 0, -1, int.MinValue, int.MaxValue], run.Handler.Calls.Select(call => call.Length));
        Assert.Equal("errno 22\nok\nok\nerrno 22\nerrno 22\nerrno 22\nerrno 22\nerrno 22\nerrno 22\n", run.Output);
    }

    [Theory]
    [InlineData("rewrite")]
    [InlineData("map")]
    public void Threads_RewritingAndReopening_HarmNobody(string kind)
    {
        string folder = Directory.CreateTempSubdirectory("tcpao-test-").FullName;
        try
        {
            string program = Supervised.Compile(folder, "race.c", "-pthread");
            using Supervised run = Supervised.Start(new ProgramStart { Program = program, Arguments = ["20000", kind] }, call =>
            {
                Assert.True(call.Socket.IsTcp);
                if (call.Kind == SocketCallKind.GetOption)
                {
                    int error = call.WriteValue(0, new byte[48]);
                    error = error == 0 ? call.WriteLength(48) : error;
                    return error == 0 ? SocketAnswer.Success : SocketAnswer.Fail(error);
                }

                return SocketAnswer.Success;
            });
            Assert.Equal(42, run.Finish());
            Assert.Equal(run.Handler.Calls.Count, run.Handler.Deliveries.Count);
            Assert.NotEmpty(run.Handler.Calls);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Thread_KilledDuringItsCall_GetsNothingAndTheSupervisorLives()
    {
        List<int> errors = [];
        Supervised? current = null;
        using Supervised run = current = Supervised.Python(
            """
            if os.fork() == 0:
                s = tcp()
                s.getsockopt(6, INFO, 48)
            say(os.waitstatus_to_exitcode(os.wait()[1]))
            say(tcp().getsockopt(6, KEYS, 48))
            """,
            call =>
            {
                if (call.Option == 40)
                {
                    SupervisorProcess.Run("/bin/kill", "-KILL", $"{call.ThreadId}");
                    Wait.Until(() => current?.Output.Length > 0, "the program had seen its child die");
                    errors.Add(call.WriteValue(0, new byte[48]));
                    errors.Add(call.ReadValue(0, new byte[4]));
                    errors.Add(call.WriteLength(1));
                    return SocketAnswer.Success;
                }

                Assert.Equal((0, 0), (call.WriteValue(0, "alive"u8), call.WriteLength(5)));
                return SocketAnswer.Success;
            });
        Assert.Equal(0, run.Finish());
        Assert.Equal("-9\nb'alive'\n", run.Output);
        Assert.Equal([3, 3, 3], errors);
        Assert.Equal([false, true], run.Handler.Deliveries);
    }

    [Fact]
    public void Socket_ClosedDuringTheCall_StaysTheSameForIt()
    {
        List<(ulong Cookie, TcpState State)> seen = [];
        Supervised? current = null;
        using Supervised run = current = Supervised.Python(
            """
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            s = tcp(); fd = s.fileno(); s.bind(('127.0.0.1', 0)); s.listen()
            def close():
                signal.sigwait([signal.SIGUSR1])
                os.close(fd)
                other = tcp()
                say(other.fileno() == fd, cookie(other))
                other.detach()
            thread = threading.Thread(target=close); thread.start()
            say(bad('setsockopt', fd, ADD, bytes(288), 288))
            thread.join()
            os._exit(0)
            """,
            call =>
            {
                seen.Add((call.Socket.Cookie, call.Socket.ReadState()));
                SupervisorProcess.Run("/bin/kill", $"-{SIGUSR1}", $"{call.ThreadId}");
                Wait.Until(() => current?.Output.Length > 0, "another thread had closed the socket and opened one");
                seen.Add((call.Socket.Cookie, call.Socket.ReadState()));
                return SocketAnswer.Success;
            });
        Assert.Equal(0, run.Finish());
        Assert.Equal(TcpState.Listen, seen[0].State);
        Assert.Equal(seen[0], seen[1]);
        Assert.StartsWith("True ", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nok\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain($" {seen[0].Cookie}\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Signal_DuringACall_DoesNotRepeatIt()
    {
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(5, 19), "Linux before 5.19 repeats calls that a signal comes into");
        using Supervised run = Supervised.Python(
            """
            got = []
            signal.signal(signal.SIGUSR1, lambda *_: got.append(1))
            s = tcp()
            say(attempt(s.setsockopt, 6, ADD, bytes(288)))
            say(got)
            """,
            call =>
            {
                SupervisorProcess.Run("/bin/kill", $"-{SIGUSR1}", $"{call.ThreadId}");
                return SocketAnswer.Success;
            });
        Assert.Equal(0, run.Finish());
        Assert.Equal("None\n[1]\n", run.Output);
        Assert.Equal([true], run.Handler.Deliveries);
    }

    [Fact]
    public void Program_KilledWhileManyOfItsThreadsCall_EndsTheSupervision()
    {
        using Supervised run = Supervised.Python(
            """
            s = tcp()
            def forever():
                while True: s.setsockopt(6, ADD, bytes(288))
            for _ in range(16): threading.Thread(target=forever).start()
            """,
            _ => SocketAnswer.Success);
        Wait.Until(() => run.Handler.Calls.Count > 2000, "the threads called");
        run.Program.Send(SIGKILL);
        Assert.Equal(128 + SIGKILL, run.Finish());
        Assert.Equal(run.Handler.Calls.Count, run.Handler.Deliveries.Count);
    }

    [Fact]
    public void Answers_AfterTheCall_AreRefusedToTheHandler()
    {
        SocketCall? kept = null;
        using Supervised run = Supervised.Python("tcp().setsockopt(6, ADD, bytes(288))", call =>
        {
            kept = call;
            Assert.Throws<InvalidOperationException>(() => call.WriteLength(1));
            return SocketAnswer.Success;
        });
        Assert.Equal(0, run.Finish());
        Assert.Throws<InvalidOperationException>(() => kept!.ReadValue(0, new byte[1]));
        Assert.Throws<InvalidOperationException>(() => kept!.WriteValue(0, new byte[1]));
        Assert.Throws<InvalidOperationException>(() => kept!.Socket);
        Assert.Throws<InvalidOperationException>(() => kept!.TryOpenSocket());
    }
}
