using TcpAo.Linux.Namespaces;

namespace TcpAo.Hosting.DataPlane;

/// <summary>Says so when interfaces come, go or get other names.</summary>
internal sealed class LinkWatch : IDisposable
{
    private const int LongestWait = 500;

    private readonly Action _changed;
    private readonly LinkMonitor _monitor;
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <param name="changed">Is called after each change, and once at the beginning: for what came between the last look and this.</param>
    public LinkWatch(Action changed)
    {
        _changed = changed;
        _monitor = LinkMonitor.Open();
        _thread = new Thread(Run) { Name = "tcpao links", IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _monitor.Dispose();
    }

    private void Run()
    {
        _changed();
        while (!_stopping)
        {
            if (_monitor.Wait(LongestWait))
            {
                _changed();
            }
        }
    }
}
