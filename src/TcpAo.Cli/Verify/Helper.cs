namespace TcpAo.Cli.Verify;

/// <summary>A second thread that does one piece of work beside the first, again and again.</summary>
internal sealed class Helper : IDisposable
{
    private readonly SemaphoreSlim _start = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private readonly Thread _thread;
    private Action? _work;
    private Exception? _failure;

    public Helper()
    {
        _thread = new Thread(Run) { Name = "tcpao verify", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Does one thing on the helper's thread and another one here, and waits for both.</summary>
    public void Both(Action there, Action here)
    {
        _work = there;
        _start.Release();
        try
        {
            here();
        }
        finally
        {
            _done.Wait();
        }

        if (_failure is { } failure)
        {
            throw new InvalidOperationException("The verifier's second thread failed.", failure);
        }
    }

    public void Dispose()
    {
        _work = null;
        _start.Release();
        _thread.Join();
        _start.Dispose();
        _done.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _start.Wait();
            if (_work is not { } work)
            {
                return;
            }

            try
            {
                work();
            }
#pragma warning disable CA1031 // thrown again by the thread that waits
            catch (Exception error)
#pragma warning restore CA1031
            {
                _failure = error;
            }

            _done.Release();
        }
    }
}
