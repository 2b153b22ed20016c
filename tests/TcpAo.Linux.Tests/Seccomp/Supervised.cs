using System.Diagnostics;
using TcpAo.Linux.Seccomp;
using TcpAo.Linux.Tests.Support;
using Xunit;

namespace TcpAo.Linux.Tests.Seccomp;

/// <summary>A program under supervision in this process, killed with all that it started when the test ends early.</summary>
internal sealed class Supervised : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tcpao-test-").FullName;
    private readonly SupervisedProgram _program;

    private Supervised(ScriptedHandler handler, Func<string, ProgramStart> start)
    {
        Handler = handler;
        _program = SupervisedProgram.Start(start(_folder), handler);
    }

    public ScriptedHandler Handler { get; }

    public SupervisedProgram Program => _program;

    /// <summary>What the program wrote to its file.</summary>
    public string Output => File.Exists(OutputPath) ? File.ReadAllText(OutputPath) : "";

    private string OutputPath => Path.Combine(_folder, "output");

    /// <summary>Starts a script; it writes to the path in its first argument.</summary>
    public static Supervised Python(string script, Func<SocketCall, SocketAnswer> answer, Action<Exception>? onFailure = null, bool watches = false, bool allowsRings = false) => new(new ScriptedHandler(answer), folder =>
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is not installed");
        string path = Path.Combine(folder, "script.py");
        File.WriteAllText(path, $"{Prelude}{script}");
        return new ProgramStart
        {
            Program = "/usr/bin/python3",
            Arguments = ["-S", path, Path.Combine(folder, "output")],
            OnHandlerFailure = onFailure,
            WatchesListen = watches,
            WatchesErrors = watches,
            WatchesFiles = watches,
            AllowsRings = allowsRings,
        };
    });

    public static Supervised Start(ProgramStart start, Func<SocketCall, SocketAnswer> answer) => new(new ScriptedHandler(answer), _ => start);

    /// <summary>Compiles one of the programs beside this file, static and without a C library.</summary>
    public static string Compile(string folder, string source, params string[] options)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "gcc is not installed");
        string program = Path.Combine(folder, Path.GetFileNameWithoutExtension(source) + string.Concat(options));
        string[] command = ["/usr/bin/gcc", "-O1", "-Wall", "-Werror", .. options, "-o", program, Path.Combine(AppContext.BaseDirectory, "Seccomp", "Programs", source)];
        (int code, string output) = SupervisorProcess.Run(command);
        Assert.True(code == 0, output);
        return program;
    }

    /// <summary>Waits for the program and for all that it started.</summary>
    public int Finish()
    {
        Wait.For(_program.Exit);
        Wait.For(_program.Ended);
        return _program.Exit.Result;
    }

    public void Dispose()
    {
        const int SIGKILL = 9;
        if (!_program.Exit.IsCompleted)
        {
            _program.Send(SIGKILL);
            Wait.For(_program.Exit);
        }

        _program.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Prelude => """
        import ctypes, os, signal, socket, struct, sys, threading
        ADD, DEL, INFO, KEYS, REPAIR = 38, 39, 40, 41, 42
        libc = ctypes.CDLL(None, use_errno=True)
        out = open(sys.argv[1], 'a', buffering=1)
        def tcp(family=socket.AF_INET): return socket.socket(family, socket.SOCK_STREAM, 0)
        def say(*what): print(*what, file=out, flush=True)
        def attempt(function, *arguments):
            try: return function(*arguments)
            except OSError as error: return 'errno %d' % error.errno
        def cookie(s): return struct.unpack('Q', s.getsockopt(socket.SOL_SOCKET, 57, 8))[0]
        def bad(name, fd, option, value, length):
            ctypes.set_errno(0)
            result = getattr(libc, name)(fd, 6, option, value, length)
            return 'ok' if result == 0 else 'errno %d' % ctypes.get_errno()

        """;
}
