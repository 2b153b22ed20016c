using TcpAo.DataPlane.Tests.Support;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>A program that means no good: its calls are answered as a kernel would, or dropped, and the supervisor lives.</summary>
public sealed class HostileTests
{
    private const string Tools =
        """
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
        libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        def bad(function, *arguments):
            try: return call(function, *arguments)
            except OSError as error: return errno.errorcode[error.errno]
        def page():
            at = libc.mmap(None, 8192, 3, 0x22, -1, 0)
            libc.mprotect(at + 4096, 4096, 0)
            return at
        def put(option, pointer, length): return bad(libc.setsockopt, s.fileno(), 6, option, ctypes.c_void_p(pointer), length)
        def get(option, pointer, length): return bad(libc.getsockopt, s.fileno(), 6, option, ctypes.c_void_p(pointer), length if isinstance(length, ctypes.c_void_p) else ctypes.byref(ctypes.c_int(length)))
        def bytes_at(value):
            globals()['kept'] = ctypes.create_string_buffer(value, len(value))
            return ctypes.addressof(kept)
        edge = page()
        key = addition('192.0.2.2', 1, 2)
        s = tcp('0.0.0.0')
        """;

    [Fact]
    public void Pointers_AndLengths_AreAnsweredAsByAKernel()
    {
        using var lab = new Lab();
        using ExecProgram program = ExecProgram.Start(lab.A);
        program.Do(Tools);
        program.Do("ctypes.memmove(edge + 4096 - 288, key, 288) and None");
        Assert.Equal("['EFAULT', 'EFAULT', 'EFAULT', 'EFAULT']", program.Ask("[put(ADD, p, 288) for p in (None, 8, edge + 4096, edge + 4096 - 287)]"));
        Assert.Equal("['EINVAL', 'EINVAL', 'EINVAL', 'EINVAL']", program.Ask("[put(ADD, edge + 4096 - 288, n) for n in (-1, 0, 1, 287)]"));
        Assert.Equal("'EFAULT'", program.Ask("put(ADD, edge + 4096 - 288, 289)"));
        Assert.Equal("'E2BIG'", program.Ask("put(ADD, bytes_at(key + b'x'), 289)"));
        Assert.Equal("0", program.Ask("put(ADD, edge + 4096 - 288, 288)"));
        Assert.Equal("'EEXIST'", program.Ask("put(ADD, edge + 4096 - 288, 288)"));
        Assert.Equal("['EFAULT', 'EFAULT', 'EINVAL']", program.Ask("[get(INFO, None, 48), get(INFO, edge + 4096, 48), get(INFO, edge, -1)]"));
        Assert.Equal("['EFAULT', 'EFAULT']", program.Ask("[get(INFO, edge, ctypes.c_void_p(None)), get(INFO, edge, ctypes.c_void_p(edge + 4094))]"));

        // what is asked for lies whole in front of the page that is not there
        Assert.Equal("[0, 'EFAULT']", program.Ask("[get(INFO, edge + 4096 - 48, 48), get(INFO, edge + 4096 - 47, 48)]"));
        Assert.Equal("0", program.Ask("len(secrets(s)) - 1"));
        Assert.Equal(0, program.Finish());
    }

    [Fact]
    public void Threads_ThatRewriteCloseAndReopen_HarmNobody()
    {
        using var lab = new Lab();
        using ExecProgram program = ExecProgram.Start(lab.A);
        program.Do(Tools);
        program.Do(
            """
            shared = ctypes.create_string_buffer(key, 288)
            stop = False
            got = set()
            def rewrite():
                n = 0
                while not stop:
                    n += 1
                    shared[n % 288] = bytes([n % 256])
                    if n % 7 == 0: ctypes.memmove(shared, key, 288)
                    time.sleep(0.00005)
            def reopen():
                while not stop:
                    try:
                        other = socket.socket((socket.AF_INET, socket.AF_INET6)[os.urandom(1)[0] % 2], socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
                        os.dup2(other.fileno(), fd)
                        other.close()
                    except OSError: pass
            sys.setswitchinterval(1e-4)
            first = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            fd = first.detach()
            threads = [threading.Thread(target=rewrite), threading.Thread(target=rewrite), threading.Thread(target=reopen)]
            for one in threads: one.start()
            for n in range(200):
                got.add(bad(libc.setsockopt, fd, 6, (ADD, DEL, INFO)[n % 3], shared, 288))
                bad(libc.getsockopt, fd, 6, (INFO, KEYS)[n % 2], shared, ctypes.byref(ctypes.c_int(288)))
                bad(libc.connect, fd, shared, 16)
            stop = True
            for one in threads: one.join()
            os.close(fd)
            """);
        Assert.Equal("set()", program.Ask("got - {0, 'EINVAL', 'EEXIST', 'ENOENT', 'EKEYREJECTED', 'EAFNOSUPPORT', 'EISCONN', 'EBADF', 'EMSGSIZE', 'ENOMEM', 'E2BIG', 'EBUSY'}"));
        AssertAlive(program);
    }

    [Fact]
    public void Processes_ThatKillThemselvesInTheCall_AreForgotten()
    {
        using var lab = new Lab();
        using ExecProgram program = ExecProgram.Start(lab.A);
        program.Do(Tools);
        program.Do(
            """
            codes = set()
            for n in range(60):
                child = os.fork()
                if child == 0:
                    def forever():
                        t = tcp('0.0.0.0')
                        while True: bad(libc.setsockopt, t.fileno(), 6, ADD, key, 288); bad(libc.setsockopt, t.fileno(), 6, DEL, name('192.0.2.2') + struct.pack('=iIH6B', 0, 0, 0, 32, 1, 2, 0, 0, 0), 144)
                    for _ in range(3): threading.Thread(target=forever, daemon=True).start()
                    time.sleep(n / 2000)
                    os.kill(os.getpid(), 9)
                codes.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """);
        Assert.Equal("{-9}", program.Ask("codes"));
        AssertAlive(program);
    }

    private static void AssertAlive(ExecProgram program)
    {
        program.Do("l = listen('127.0.0.1', 5179, ('127.0.0.1', 1, 2))");
        program.Do("c = connect('127.0.0.1', 5179, ('127.0.0.1', 2, 1))");
        program.Do("a = l.accept()[0]");
        program.Do("c.sendall(b'x' * 1000)");
        Assert.Equal(1000, program.Number("len(receive(a, 1000))"));
        Assert.Equal(0, program.Finish());
        Assert.DoesNotContain("a call failed", program.Errors, StringComparison.Ordinal);
    }
}
