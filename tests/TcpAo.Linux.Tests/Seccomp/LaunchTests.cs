using System.Diagnostics;
using TcpAo.Linux.Seccomp;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Seccomp;

/// <summary>How a program is started, what it finds, and how it ends.</summary>
public sealed class LaunchTests
{
    private const string Sh = "/bin/sh";

    /// <summary>Prints what a program inherits; 48 bytes of TCP_AO_INFO show whether it is supervised.</summary>
    private const string Inherited = """
        import os, resource, socket, sys
        status = dict(line.split(':', 1) for line in open('/proc/self/status'))
        print([status[name].strip() for name in ('SigBlk', 'SigIgn', 'Umask', 'Cpus_allowed', 'CapEff', 'CapPrm', 'NoNewPrivs', 'Uid', 'Groups')])
        print(sorted(os.environb.items()), sys.argv[1:], os.getcwd(), os.getsid(0) == os.getsid(os.getppid()), os.getpgid(0) == os.getpgid(os.getppid()))
        print(sorted((fd, os.readlink('/proc/self/fd/' + fd).split(':')[0]) for fd in os.listdir('/proc/self/fd') if os.path.exists('/proc/self/fd/' + fd)))
        print([resource.getrlimit(limit) for limit in range(16)], os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0))
        try: print(socket.socket().getsockopt(6, 40, 48)[:26], file=sys.stderr)
        except OSError: print('bare', file=sys.stderr)
        """;

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("kill -KILL $$", 137)]
    public void Program_Ended_GivesItsOwnCode(string script, int expected)
    {
        using Supervised run = Supervised.Start(new ProgramStart { Program = "sh", Arguments = ["-c", script] }, _ => SocketAnswer.Continue);
        Assert.Equal(expected, run.Finish());
    }

    [Fact]
    public void Program_ThatCannotRun_HasTheCodesOfAShell()
    {
        string folder = Directory.CreateTempSubdirectory("tcpao-test-").FullName;
        try
        {
            string text = Path.Combine(folder, "text");
            File.WriteAllText(text, "exit $#");
            Assert.Equal(127, Refused("no-such-program-anywhere"));
            Assert.Equal(127, Refused("/no/such/program"));
            Assert.Equal(127, Refused(""));
            Assert.Equal(126, Refused(text));
            Assert.Equal(126, Refused(folder));
            Assert.Equal(126, Refused(Path.Combine(text, "x")));

            // found in PATH behind one that may not be executed, and without an interpreter line
            string later = Directory.CreateDirectory(Path.Combine(folder, "later")).FullName;
            string script = Path.Combine(later, "text");
            File.WriteAllText(script, "exit $#");
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            ProgramStart start = new() { Program = "text", Arguments = ["a", "b c"], Environment = new Dictionary<string, string?> { ["PATH"] = $"{folder}:{later}" } };
            using Supervised run = Supervised.Start(start, _ => SocketAnswer.Continue);
            Assert.Equal(2, run.Finish());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Program_UnderASupervisorAlready_IsRefusedWithTheReason()
    {
        (int code, string output) = SupervisorProcess.Run(SupervisorProcess.CommandLine([.. SupervisorProcess.CommandLine(Sh, "-c", "exit 0")]));
        Assert.Equal(125, code);
        Assert.Contains("supervises this process", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_Changed_IsAddedReplacedAndTakenAway()
    {
        using Supervised run = Supervised.Start(
            new ProgramStart
            {
                Program = Sh,
                Arguments = ["-c", "test \"$ADDED\" = 'a b' && test \"$HOME\" = /x && test -z \"${PATH2+x}\" && env | grep -c '^HOME=' | grep -qx 1"],
                Environment = new Dictionary<string, string?> { ["ADDED"] = "a b", ["HOME"] = "/x", ["PATH2"] = null },
            },
            _ => SocketAnswer.Continue);
        Assert.Equal(0, run.Finish());
    }

    [Fact]
    public void Program_Supervised_InheritsWhatItWouldWithout()
    {
        // descriptor 7, ignored and blocked signals, a low limit, an odd umask
        const string Setting = "import os, resource, signal, sys; os.dup2(1, 7); signal.signal(signal.SIGHUP, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN); "
            + "signal.signal(signal.SIGPIPE, signal.SIG_DFL); signal.signal(signal.SIGXFSZ, signal.SIG_DFL); signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1]); "
            + "resource.setrlimit(resource.RLIMIT_NOFILE, (300, 5000)); os.umask(0o31); os.environ['TCPAO_ODD'] = 'x\\udcff'; sys.stdout.flush(); "
            + "import subprocess; sys.exit(subprocess.call(sys.argv[1:], close_fds=False, restore_signals=False))";
        string[] program = ["/usr/bin/python3", "-S", "-c", Inherited, "an argument", "", "ü"];
        (int bareCode, string bare) = SupervisorProcess.Run(["/usr/bin/python3", "-S", "-c", Setting, .. program]);
        (int code, string supervised) = SupervisorProcess.Run(["/usr/bin/python3", "-S", "-c", Setting, .. SupervisorProcess.CommandLine(program)]);
        Assert.Equal((0, 0), (bareCode, code));
        Assert.Contains("(300, 5000)", bare, StringComparison.Ordinal);
        Assert.Contains("'7'", bare, StringComparison.Ordinal);
        Assert.EndsWith("bare\n", bare, StringComparison.Ordinal);
        Assert.EndsWith("b'answered by the supervisor'\n", supervised, StringComparison.Ordinal);
        Assert.Equal(bare[..bare.LastIndexOf("bare", StringComparison.Ordinal)], supervised[..supervised.LastIndexOf("b'", StringComparison.Ordinal)]);
    }

    [Fact]
    public void Launch_ManyTimes_LeavesNoThreadOfThisProcessUnderAFilter()
    {
        string own = Filters("/proc/thread-self/status");
        for (int i = 0; i < 30; i++)
        {
            using Supervised run = Supervised.Start(new ProgramStart { Program = "true" }, _ => SocketAnswer.Continue);
            Assert.Equal(0, run.Finish());
        }

        Wait.Until(() => Directory.GetDirectories("/proc/self/task").All(task => string.Equals(Filters(Path.Combine(task, "status")), own, StringComparison.Ordinal)), "no thread had the filter of a program");
    }

    [Fact]
    public void Daemon_WhoseParentHasEnded_IsServedToItsEnd()
    {
        using Supervised run = Supervised.Python(
            """
            r, w = os.pipe()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.read(r, 1)
                    s = tcp()
                    say(attempt(s.setsockopt, 6, ADD, bytes(288)))
                    os._exit(0)
                os._exit(0)
            os.wait()
            s = tcp()
            s.setsockopt(6, DEL, bytes(144))
            os.write(w, b'x')
            os._exit(9)
            """,
            _ => SocketAnswer.Success);
        Assert.Equal(9, run.Finish());
        Assert.Equal("None\n", run.Output);
        Assert.Equal([39, 38], run.Handler.Calls.Select(call => call.Option));
    }

    [Fact]
    public void Supervisor_Disposed_LeavesTheProgramWithoutAnswers()
    {
        using Supervised run = Supervised.Python(
            """
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            s = tcp(); s.setsockopt(6, ADD, bytes(288))
            signal.sigwait([signal.SIGUSR1])
            say(attempt(s.setsockopt, 6, ADD, bytes(288)), attempt(s.connect, ('127.0.0.1', 1)), s.getsockopt(6, socket.TCP_NODELAY))
            """,
            _ => SocketAnswer.Success);
        Wait.Until(() => run.Handler.Deliveries.Count == 1, "the first call was answered");
        run.Program.Dispose();
        SupervisorProcess.Run("/bin/kill", "-USR1", $"{run.Program.ProcessId}");
        Assert.Equal(0, run.Finish());
        Assert.Equal("errno 38 errno 38 0\n", run.Output);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    [InlineData("USR1")]
    [InlineData("USR2")]
    [InlineData("WINCH")]
    public void Signal_ToTheSupervisor_ReachesTheProgramOnce(string signal)
    {
        const string Script = """
            import os, signal, sys
            number = getattr(signal, 'SIG' + sys.argv[1])
            signal.pthread_sigmask(signal.SIG_BLOCK, [number])
            os.write(1, b'ready\n')
            signal.sigwait([number])
            print('got', signal.sigpending())
            sys.exit(33)
            """;

        // a session without a terminal; setsid becomes the supervisor
        using Process process = SupervisorProcess.Start(["setsid", .. SupervisorProcess.CommandLine("/usr/bin/python3", "-S", "-c", Script, signal)]);
        try
        {
            Assert.Equal("ready", process.StandardOutput.ReadLine());
            Assert.Equal(0, SupervisorProcess.Run("/bin/kill", $"-{signal}", $"{process.Id}").Code);
            (int code, string output) = SupervisorProcess.Finish(process);
            Assert.Equal((33, "got set()\n"), (code, output));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    [Fact]
    public void Signal_AfterTheProgramLeftADaemonBehind_EndsTheSupervisor()
    {
        const string Script = """
            import os, signal, socket, time
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
            if os.fork() == 0:
                os.setsid()
                os.write(1, b'daemon %d\n' % os.getpid())
                signal.sigwait([signal.SIGUSR1])
                try: socket.socket().setsockopt(6, 38, bytes(288))
                except OSError as error: os.write(1, b'errno %d\n' % error.errno)
            """;
        using Process process = SupervisorProcess.Start(SupervisorProcess.CommandLine("/usr/bin/python3", "-S", "-c", Script));
        string daemon = process.StandardOutput.ReadLine()!.Split(' ')[1];
        try
        {
            // the program is gone when the supervisor has taken its code; until then it would get the signal itself
            Wait.Until(() => string.Equals(File.ReadAllText($"/proc/{daemon}/stat").Split(' ')[3], $"{process.Id}", StringComparison.Ordinal), "the daemon was the supervisor's");
            Wait.Until(() => !HasOtherChildren(process.Id, daemon), "the program was collected");
            Assert.Equal(0, SupervisorProcess.Run("/bin/kill", "-TERM", $"{process.Id}").Code);
            Wait.For(process.WaitForExitAsync(TestContext.Current.CancellationToken));
            Assert.NotEqual(0, process.ExitCode);
            Assert.Equal(0, SupervisorProcess.Run("/bin/kill", "-USR1", daemon).Code);
            Assert.Equal("errno 38", process.StandardOutput.ReadLine());
        }
        finally
        {
            SupervisorProcess.Run("/bin/kill", "-KILL", daemon);
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [Fact]
    public void Terminal_OfTheProgram_IsItsOwn()
    {
        // a terminal around the supervisor: one SIGINT for one Ctrl-C, the foreground group, a stop and a continue by job control
        const string Driver = """
            import os, pty, signal, sys
            signal.signal(signal.SIGALRM, lambda *_: sys.exit('awaiting %r, got %r' % (awaited, text)))
            signal.alarm(15)
            pid, fd = pty.fork()
            if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
            text = b''
            def until(word):
                global text, awaited
                awaited = word
                while word not in text:
                    try: data = os.read(fd, 1000)
                    except OSError: data = b''
                    if not data: print(text.decode()); sys.exit('no ' + word.decode())
                    text += data
                text = text[text.index(word) + len(word):]
            until(b'ready'); os.write(fd, b'\x03'); until(b'interrupts 1')
            os.write(fd, b'line\n'); until(b'read line'); until(b'pending 0')
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """;
        const string Script = """
            import os, signal, sys
            count = 0
            def handler(*_):
                global count
                count += 1
                os.write(1, b'interrupts %d\n' % count)
            signal.signal(signal.SIGINT, handler)
            assert os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp()
            os.write(1, b'ready\n')
            print('read', sys.stdin.readline().strip(), flush=True)
            print('pending', count - 1, flush=True)
            sys.exit(5)
            """;
        (int code, string output) = SupervisorProcess.Run(["/usr/bin/python3", "-S", "-c", Driver, .. SupervisorProcess.CommandLine("/usr/bin/python3", "-S", "-c", Script)]);
        Assert.Equal((0, "5\n"), (code, output));
    }

    [Fact]
    public void JobControl_OfAShellAroundTheSupervisor_StopsAndContinuesBoth()
    {
        const string Driver = """
            import os, pty, signal, sys
            signal.signal(signal.SIGALRM, lambda *_: sys.exit('awaiting %r, got %r' % (awaited, text)))
            signal.alarm(60)
            pid, fd = pty.fork()
            if pid == 0: os.execve('/bin/bash', ['bash', '--norc', '-i'], os.environ | {'PS1': 'prompt> '})
            text = b''
            def until(word):
                global text, awaited
                awaited = word
                while word not in text:
                    try: data = os.read(fd, 1000)
                    except OSError: data = b''
                    if not data: print(text.decode()); sys.exit('no ' + word.decode())
                    text += data
                text = text[text.index(word) + len(word):]
            until(b'prompt> ')
            os.write(fd, b'. ' + sys.argv[1].encode() + b'\n'); until(b'program runs')
            os.write(fd, b'\x1a'); until(b'Stopped'); until(b'prompt> ')
            os.write(fd, b'fg\n'); until(b'program goes on'); os.write(fd, b'line\n'); until(b'read line'); until(b'prompt> ')
            os.write(fd, b'echo code=$?\n'); until(b'code=6'); os.write(fd, b'exit 0\n')
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """;
        string script = Path.GetTempFileName();
        try
        {
            // with pauses: a signal between two instructions of Python is handled at the next, and a read() would be waited in first
            string program = "import os, select, signal, sys; signal.signal(signal.SIGCONT, lambda *_: os.write(1, b'program %s' % b'goes on')); print('program', 'runs', flush=True); list(iter(lambda: bool(select.select([0], [], [], 0.1)[0]), True)); print('read', sys.stdin.readline().strip()); sys.exit(6)";
            File.WriteAllText(script, string.Join(' ', SupervisorProcess.CommandLine("/usr/bin/python3", "-S", "-c", program).Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'")) + "\n");
            (int code, string output) = SupervisorProcess.Run("/usr/bin/python3", "-S", "-c", Driver, script);
            Assert.Equal((0, "0\n"), (code, output));
        }
        finally
        {
            File.Delete(script);
        }
    }

    [Fact]
    public void OrdinaryUser_SupervisesItsPrograms_WithoutAnyCapability()
    {
        const string Script = """
            import os, socket, sys
            status = dict(line.split(':', 1) for line in open('/proc/self/status'))
            s = socket.socket()
            print(os.getuid(), status['CapEff'].strip(), status['CapBnd'].strip() != '', status['NoNewPrivs'].strip())
            print(s.setsockopt(6, 38, bytes(288)), s.getsockopt(6, 40, 48)[:26])
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    print(s.setsockopt(6, 38, bytes(288)), s.getsockopt(6, 40, 48)[:26], flush=True)
                os._exit(0)
            os.wait()
            """;
        string[] user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"];
        (int code, string output) = SupervisorProcess.Run([.. user, .. SupervisorProcess.CommandLine("/usr/bin/python3", "-S", "-u", "-c", Script)]);
        const string Answer = "None b'answered by the supervisor'\n";
        Assert.Equal((0, $"65534 0000000000000000 True 1\n{Answer}{Answer}"), (code, output));
    }

    private static int Refused(string program) =>
        Assert.Throws<ProgramStartException>(() => SupervisedProgram.Start(new ProgramStart { Program = program }, new ScriptedHandler(_ => SocketAnswer.Continue))).ExitCode;

    private static bool HasOtherChildren(int processId, string child) => Directory.GetDirectories($"/proc/{processId}/task")
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(other => !string.Equals(other, child, StringComparison.Ordinal));

    private static string Filters(string status)
    {
        try
        {
            return File.ReadLines(status).First(line => line.StartsWith("Seccomp_filters:", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // it has ended meanwhile
            return Filters("/proc/thread-self/status");
        }
    }
}
