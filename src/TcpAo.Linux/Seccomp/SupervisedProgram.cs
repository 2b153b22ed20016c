using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// A program, and all that it starts, whose calls about TCP authentication a handler of this process answers (seccomp user notification). Everything else of it is its
/// own: arguments, environment, descriptors, terminal, process group, signals.
/// </summary>
/// <remarks>
/// It needs no privilege where program and supervisor have the same user; with CAP_SYS_PTRACE it serves programs that changed theirs. Calls made through io_uring would not be
/// seen and are refused; those of threads in a pid namespace outside this process' are not seen. When this process ends first, the stopped calls fail with ENOSYS and the program goes on.
/// </remarks>
/// <example>
/// <code>
/// using SupervisedProgram bird = SupervisedProgram.Start(new ProgramStart { Program = "bird", Arguments = ["-f"] }, handler);
/// int code = await bird.Exit;
/// await bird.Ended;
/// </code>
/// </example>
public sealed class SupervisedProgram : IDisposable
{
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SupervisedCalls? _calls;
    private readonly SafeDescriptor? _process;
    private readonly bool _adoptsOrphans;

    /// <param name="processId">The process.</param>
    /// <param name="loop">Answers its calls, taken over; null where another process does.</param>
    /// <param name="listener">The listener of its calls.</param>
    /// <param name="adoptsOrphans">As <see cref="ProgramStart.AdoptsOrphans"/>.</param>
    /// <param name="signals">What hands signals on; null for nothing.</param>
    private SupervisedProgram(int processId, CallLoop? loop, int listener, bool adoptsOrphans, ForwardedSignals? signals)
    {
        ProcessId = processId;
        _calls = loop is null ? null : SupervisedCalls.Serve(loop, listener);
        _adoptsOrphans = adoptsOrphans;

        // it is this process' child and nobody else waits for it: its number is its own here
        int descriptor = Libc.OpenPid(processId, 0);
        _process = descriptor >= 0 ? new SafeDescriptor(descriptor) : null;
        new Thread(WaitForExit) { Name = "tcpao wait", IsBackground = true }.Start();
        signals?.To(this);
    }

    /// <summary>The number of the process that was started.</summary>
    public int ProcessId { get; }

    /// <summary>Ends with that process: its exit code, or 128 and the number of the signal that ended it.</summary>
    public Task<int> Exit => _exit.Task;

    /// <summary>
    /// Ends with the last process under supervision, or when this is disposed; where calls are answered elsewhere, with the last child. Has an exception when the kernel gave up on the listener.
    /// </summary>
    public Task Ended => _calls?.Ended ?? _waited.Task;

    /// <summary>Starts a program.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="handler">Answers its calls.</param>
    /// <param name="signals">What hands this process' signals on to it; null for nothing.</param>
    /// <exception cref="ProgramStartException">It does not run.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine is none of x86-64, arm64 and riscv64.</exception>
    public static SupervisedProgram Start(ProgramStart start, ISocketCallHandler handler, ForwardedSignals? signals = null)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(handler);
        CallLoop? loop = null;
        try
        {
#pragma warning disable CA2000 // taken over by the program
            loop = new CallLoop(SystemCallTable.OfThisMachine, start.Options, handler, start.OnHandlerFailure);
#pragma warning restore CA2000
            (int processId, int listener) = Launch(start, signals);
            CallLoop given = loop;
            loop = null;
            return new SupervisedProgram(processId, given, listener, start.AdoptsOrphans, signals);
        }
        catch (LinuxException exception)
        {
            throw new ProgramStartException(125, exception.Message);
        }
        finally
        {
            loop?.Dispose();
        }
    }

    /// <summary>Starts a program whose calls another process answers.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="hand">Hands the listener of its calls over, and may throw: the program gets ENOSYS for them then. It is closed here afterwards.</param>
    /// <param name="signals">What hands this process' signals on to it; null for nothing.</param>
    /// <exception cref="ProgramStartException">It does not run.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine is none of x86-64, arm64 and riscv64.</exception>
    public static SupervisedProgram Start(ProgramStart start, Action<SafeHandle> hand, ForwardedSignals? signals = null)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(hand);
        try
        {
            (int processId, int listener) = Launch(start, signals);
            var program = new SupervisedProgram(processId, null, listener, start.AdoptsOrphans, signals);
            using var handed = new SafeDescriptor(listener);
            hand(handed);
            return program;
        }
        catch (LinuxException exception)
        {
            throw new ProgramStartException(125, exception.Message);
        }
    }

    /// <summary>Sends a signal to the process that was started; nothing happens when it has ended.</summary>
    /// <param name="signal">The signal, as signal(7) numbers it for x86 and ARM.</param>
    public void Send(int signal)
    {
        try
        {
            if (_process is { } process)
            {
                _ = Libc.SendSignal(process, signal);
            }
        }
        catch (ObjectDisposedException)
        {
            // the supervision is over
        }
    }

    /// <summary>Ends the supervision. A program that still runs gets ENOSYS for the calls that were answered here.</summary>
    public void Dispose()
    {
        _calls?.Dispose();
        _process?.Dispose();
    }

    private static (int ProcessId, int Listener) Launch(ProgramStart start, ForwardedSignals? signals)
    {
        if (start.AdoptsOrphans)
        {
            Libc.AdoptOrphans();
        }

        if (Libc.IsIgnored(Libc.SIGCHLD))
        {
            // the kernel would throw exit codes away
            Libc.SetDefault(Libc.SIGCHLD);
        }

        signals?.Starting();
        return ProgramLauncher.Launch(start, SeccompFilter.Build(SystemCallTable.OfThisMachine, start.Options, start.Watched, !start.AllowsRings));
    }

    private void WaitForExit()
    {
        int ended;
        do
        {
            ended = Libc.WaitForExit(_adoptsOrphans ? 0 : ProcessId, out int code);
            if (ended == ProcessId)
            {
                _exit.TrySetResult(code);
            }
        }
        while (_adoptsOrphans && ended != 0);
        _exit.TrySetException(new InvalidOperationException("Another part of this process took the program's exit code."));
        _waited.TrySetResult();
    }
}
