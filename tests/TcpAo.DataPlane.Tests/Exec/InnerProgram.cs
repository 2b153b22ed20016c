using TcpAo.Hosting.Emulation;
using TcpAo.Linux.Seccomp;
using Xunit;

namespace TcpAo.DataPlane.Tests.Exec;

/// <summary>A script under supervision of this very process, so that a test sees what the supervisor has and moves its clock.</summary>
internal sealed class InnerProgram : IDisposable
{
    private const int SIGKILL = 9;

    private readonly string _folder = Directory.CreateTempSubdirectory("tcpao-test-").FullName;
    private readonly SocketPlanes _planes;
    private readonly SupervisedProgram _program;

    /// <summary>Starts a script. It has what Programs/agent.py has, and <c>say()</c> and <c>step()</c>.</summary>
    public InnerProgram(Host host, string script)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is not installed");
        string path = Path.Combine(_folder, "script.py");
        File.WriteAllText(path, $"{Prelude}{script}\n");
        _planes = new SocketPlanes(new SocketPlaneOptions { Time = Time, Log = Log.Add });
        (_program, Plane) = host.Space.Run(() =>
        {
            _planes.OpenCurrent();
            var start = new ProgramStart
            {
                Program = "/usr/bin/python3",
                Arguments = ["-S", path, Path.GetDirectoryName(ExecProgram.Agent)!, _folder],
                Options = SocketCallEmulator.Options,
                WatchesListen = true,
                OnHandlerFailure = error => Log.Add(error.ToString()),
            };
            return (SupervisedProgram.Start(start, new SocketCallEmulator(_planes, null, queuedFollow: false)), _planes.All[0]);
        });
    }

    public ShiftedTime Time { get; } = new();

    public System.Collections.Concurrent.ConcurrentBag<string> Log { get; } = [];

    /// <summary>That of the program's first namespace.</summary>
    public SocketPlane Plane { get; }

    public IReadOnlyList<SocketPlane> Planes => _planes.All;

    public string Output => File.Exists(Path.Combine(_folder, "output")) ? File.ReadAllText(Path.Combine(_folder, "output")) : string.Empty;

    /// <summary>Waits until the script has come to a step.</summary>
    public void WaitForStep(int number) => WaitFor(() => Output.Contains($"step {number}\n", StringComparison.Ordinal), $"step {number}");

    /// <summary>Lets the script go on behind a step.</summary>
    public void GoOn(int number) => File.WriteAllText(Path.Combine(_folder, $"go{number}"), string.Empty);

    /// <summary>Waits for the script's end.</summary>
    public void Finish()
    {
        WaitFor(() => _program.Ended.IsCompleted, "the end");
        Assert.True(_program.Exit.Result == 0, $"{Output}\n{string.Join('\n', Log)}");
    }

    public void Dispose()
    {
        if (!_program.Ended.IsCompleted)
        {
            _program.Send(SIGKILL);
            Wait.For(_program.Ended);
        }

        _program.Dispose();
        _planes.Release();
        _planes.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void WaitFor(Func<bool> condition, string what)
    {
        // as long as it makes progress is not known: ten thousand connections on a machine with much else to do
        TimeSpan limit = TimeSpan.FromMinutes(5);
        if (!SpinWait.SpinUntil(() => { Thread.Sleep(10); return condition() || _program.Exit.IsCompleted; }, limit) || !condition())
        {
            Assert.Fail($"The script never came to {what}; it said:\n{Output}\n{string.Join('\n', Log)}");
        }
    }

    private static string Prelude => """
        import os, sys
        sys.path.insert(0, sys.argv[1])
        from agent import *
        import traceback
        out = open(sys.argv[2] + '/output', 'a', buffering=1)
        def say(*what): print(*what, file=out, flush=True)
        def step(number):
            say('step', number)
            while not os.path.exists(sys.argv[2] + '/go%d' % number): time.sleep(0.02)
        def told(kind, value, trace):
            traceback.print_exception(kind, value, trace, file=out)
            os._exit(1)
        sys.excepthook = told

        """;
}
