using System.Runtime.InteropServices;
using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>
/// Answers the calls of a program that another process supervises and whose listener it handed over: for programs of other users this process needs CAP_SYS_PTRACE.
/// </summary>
public sealed class SupervisedCalls : IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CallLoop _loop;
    private readonly Thread _thread;
    private bool _isDisposed;

    private SupervisedCalls(CallLoop loop)
    {
        _loop = loop;
        _thread = new Thread(Run) { Name = "tcpao calls", IsBackground = true };
    }

    /// <summary>Ends with the last process under supervision, or when this is disposed. Has an exception when the kernel gave up on the listener.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Begins to answer.</summary>
    /// <param name="listener">The listener, taken over.</param>
    /// <param name="options">As <see cref="ProgramStart.Options"/> of the program.</param>
    /// <param name="handler">Answers.</param>
    /// <param name="onFailure">As <see cref="ProgramStart.OnHandlerFailure"/>.</param>
    /// <exception cref="LinuxException">The kernel has no user notification, or the limit of open files is reached.</exception>
    public static SupervisedCalls Serve(SafeHandle listener, IEnumerable<int> options, ISocketCallHandler handler, Action<Exception>? onFailure = null)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(handler);
        SupervisedCalls calls = Serve(new CallLoop(SystemCallTable.OfThisMachine, options, handler, onFailure), (int)listener.DangerousGetHandle());
        listener.SetHandleAsInvalid();
        return calls;
    }

    /// <summary>Begins to answer; loop and listener are taken over.</summary>
    internal static SupervisedCalls Serve(CallLoop loop, int listener)
    {
        loop.Take(listener);
        var calls = new SupervisedCalls(loop);
        calls._thread.Start();
        return calls;
    }

    /// <summary>Ends. A program that still runs gets ENOSYS for the calls that were answered here, unless another process has the listener too.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _loop.Stop();
            _ended.TrySetResult();
        }
    }

    private void Run()
    {
        try
        {
            _loop.Run();
            _ended.TrySetResult();
        }
#pragma warning disable CA1031 // the task carries whatever it was
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _ended.TrySetException(exception);
        }
        finally
        {
            _loop.Dispose();
        }
    }
}
