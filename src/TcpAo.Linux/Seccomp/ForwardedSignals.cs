using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// Hands the signals that this process gets on to a supervised program, from the moment it is made; those that come before the program runs wait for it. Signals that
/// this process was started to ignore, as under nohup(1), stay ignored by both.
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

    private static readonly int[] s_signals = [SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTERM, SIGWINCH];

    private readonly Lock _lock = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly List<int> _early = [];
    private SupervisedProgram? _program;

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

    /// <summary>Sends a program what came, and what will come.</summary>
    public void To(SupervisedProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        lock (_lock)
        {
            _program = program;
            _early.ForEach(program.Send);
            _early.Clear();
        }
    }

    /// <summary>The signals have their own effect on this process again.</summary>
    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void Take(PosixSignalContext context, int signal)
    {
        context.Cancel = true;
        lock (_lock)
        {
            if (_program is null)
            {
                _early.Add(signal);
            }
            else if (signal is not (SIGINT or SIGQUIT or SIGWINCH) || !Libc.SharesForeground(_program.ProcessId))
            {
                _program.Send(signal);
            }
        }
    }
}
