using TcpAo.Linux;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Hosting.DataPlane;

/// <summary>Watches the rules and puts them back when somebody else changed them.</summary>
internal sealed class RuleGuard : IDisposable
{
    private const int LongestWait = 500;

    private readonly uint _ownPort;
    private readonly Action _restore;
    private readonly Action<string> _log;
    private readonly NftMonitor _monitor;
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <param name="ownPort">Port of the netlink socket whose changes are our own.</param>
    /// <param name="restore">Puts the rules back; on the guard's thread.</param>
    /// <param name="log">Takes lines for the operator.</param>
    public RuleGuard(uint ownPort, Action restore, Action<string> log)
    {
        _ownPort = ownPort;
        _restore = restore;
        _log = log;
        _monitor = NftMonitor.Open();
        _thread = new Thread(Run) { Name = "tcpao rules", IsBackground = true };
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
        while (!_stopping)
        {
            if (!_monitor.TryRead(LongestWait, out NftChange change) || !change.TouchesTable || (!change.IsLost && change.PortId == _ownPort))
            {
                continue;
            }

            try
            {
                _restore();
                _log($"the rules were changed by {change.ThreadName} (thread {change.ThreadId}); they are restored");
            }
            catch (LinuxException error)
            {
                _log($"the rules were changed by {change.ThreadName} (thread {change.ThreadId}) and could not be restored: {error.Message}");
            }
        }
    }
}
