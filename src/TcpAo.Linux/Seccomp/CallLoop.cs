using TcpAo.Linux.Interop;

namespace TcpAo.Linux.Seccomp;

/// <summary>Takes calls and has them answered, one after the other, until nobody is left under the filter.</summary>
internal sealed unsafe class CallLoop : IDisposable
{
    private readonly SeccompListener _listener = new();
    private readonly SafeDescriptor _stop = Libc.EventDescriptor();
    private readonly TargetThread _thread = new();
    private readonly ISocketCallHandler _handler;
    private readonly Action<Exception>? _onFailure;
    private readonly SocketCall _call;
    private readonly Lock _serving = new();
    private bool _isOver;

    /// <summary>Makes one without a listener.</summary>
    /// <exception cref="LinuxException">The kernel has no user notification, or the limit of open files is reached.</exception>
    public CallLoop(IReadOnlyList<SystemCallTable> tables, IEnumerable<int> options, ISocketCallHandler handler, Action<Exception>? onFailure)
    {
        _handler = handler;
        _onFailure = onFailure;
        _call = new SocketCall(_listener, _thread, tables, options);
    }

    /// <summary>Takes the descriptor of the listener over.</summary>
    public void Take(int listener) => _listener.Take(listener);

    /// <summary>Runs until the last process under the filter has ended, or <see cref="Stop"/>; then no call waits for an answer.</summary>
    public void Run()
    {
        try
        {
            // looking first, then taking: two calls of the kernel, where taking alone waits too, and a program's next call often follows the last
            bool looks = true;
            while (!looks || _listener.Wait(_stop))
            {
                SeccompNotification* notification = _listener.Receive();
                looks = notification == null || !SeccompListener.EndsByItself;
                if (notification != null && !TryServe(notification))
                {
                    break;
                }
            }
        }
        finally
        {
            lock (_serving)
            {
                _isOver = true;
            }

            _listener.Dispose();
        }
    }

    /// <summary>
    /// Has no call answered any more; one that is being answered is waited for. The thread of <see cref="Run"/> may wait for the next one still: that, or the end of the program, ends it.
    /// </summary>
    public void Stop()
    {
        lock (_serving)
        {
            if (!_isOver)
            {
                _isOver = true;
                Libc.Raise(_stop);
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Dispose();
        _stop.Dispose();
    }

    private bool TryServe(SeccompNotification* notification)
    {
        lock (_serving)
        {
            if (!_isOver)
            {
                Serve(notification);
            }

            return !_isOver;
        }
    }

    private void Serve(SeccompNotification* notification)
    {
        ulong id = notification->Id;
        SocketAnswer? own = _call.Begin(notification);
        SocketAnswer answer = own ?? Handle();
        _call.End();
        bool isDelivered = _listener.Answer(id, answer);
        if (own is null)
        {
            try
            {
                _handler.Answered(_call, answer, isDelivered);
            }
#pragma warning disable CA1031 // a failure of one call must not end the others
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _onFailure?.Invoke(exception);
            }
        }
    }

    private SocketAnswer Handle()
    {
        try
        {
            return _handler.Handle(_call);
        }
#pragma warning disable CA1031 // as above; the program learns that its call did nothing
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _onFailure?.Invoke(exception);
            return SocketAnswer.Fail(Errno.EIO);
        }
    }
}
