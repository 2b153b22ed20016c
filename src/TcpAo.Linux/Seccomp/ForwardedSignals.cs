using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// Hands the signals that this process gets on to a supervised program, from the moment it is made; those that come before the program runs wait for it. Signals that
/// this process was started to ignore, as under nohup(1), stay ignored by both. After the end of the program they have their own effect on this process again, so that
/// what it left behind (a daemon) does not keep the supervisor from being stopped. A process that does nothing but supervise does not dispose this: a signal that came
/// just before would take the place of the program's exit code.
/// </summary>
/// <remarks>
/// Keys of the terminal (SIGINT, SIGQUIT) and a change of its size (SIGWINCH) reach the program by themselves while both are in the terminal's foreground group, and
/// are not sent twice: there, kill(1) with one of them has to name the program.
/// </remarks>
public sealed class ForwardedSignals : IDisposable
{
    private const int SIGHUP = 1;
    private const int SIGINT = 2;
    private const int SIGQUIT = 3;
    private const int SIGUSR1 = 10;
    private const int SIGUSR2 = 12;
    private const int SIGTERM = 15;
    private const int SIGWINCH = 28;

    /// <summary>Within which time the last process ends where the first one was the last.</summary>
    private const int EndMilliseconds = 500;

    private static readonly int[] s_signals = [SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGWINCH];

    private readonly Lock _lock = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly List<(int Signal, bool IsOfTheStart)> _early = [];
    private SupervisedProgram? _program;
    private bool _isStarting;

    /// <summary>Begins to take signals.</summary>
    public ForwardedSignals()
    {
        foreach (int signal in s_signals)
        {
            if (!Libc.IsIgnored(signal))
            {
                _registrations.Add(PosixSignalRegistration.Create((PosixSignal)signal, context => Take(context, signal)));
            }
        }
    }

    /// <summary>The signals have their own effect on this process again.</summary>
    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    /// <summary>From now on the program may be there, and get the terminal's signals by itself.</summary>
    internal void Starting()
    {
        lock (_lock)
        {
            _isStarting = true;
        }
    }

    /// <summary>Sends a program what came, and what will come.</summary>
    internal void To(SupervisedProgram program)
    {
        lock (_lock)
        {
            _program = program;
            foreach ((int signal, bool isOfTheStart) in _early)
            {
                if (!isOfTheStart || !IsOfTheTerminal(signal))
                {
                    program.Send(signal);
                }
            }

            _early.Clear();
        }
    }

    private bool IsOfTheTerminal(int signal) => signal is SIGINT or SIGQUIT or SIGWINCH && Libc.SharesForeground(_program!.ProcessId);

    private void Take(PosixSignalContext context, int signal)
    {
        // the runtime tells late: the program, or all of it, may have ended after the signal came, and its exit code is what counts then
        SupervisedProgram? current = Volatile.Read(ref _program);
        context.Cancel = current is not { Exit.IsCompleted: true } || Task.WaitAny([current.Ended], EndMilliseconds) >= 0;
        lock (_lock)
        {
            if (_program is null)
            {
                _early.Add((signal, _isStarting));
            }
            else if (!IsOfTheTerminal(signal))
            {
                _program.Send(signal);
            }
        }
    }
}
