using TcpAo.Linux;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Hosting.DataPlane;

/// <summary>Watches the rules and puts them back when somebody else changed them.</summary>
internal sealed class RuleGuard : IDisposable
{
    private const int LongestWait = 500;

    private readonly NftRuleset _rules;
    private readonly Func<NftModel> _model;
    private readonly Action<string> _log;
    private readonly NftMonitor _monitor;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public RuleGuard(NftRuleset rules, Func<NftModel> model, Action<string> log)
    {
        _rules = rules;
        _model = model;
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
            if (!_monitor.TryRead(LongestWait, out NftChange change) || !change.TouchesTable || (!change.IsLost && change.PortId == _rules.PortId))
            {
                continue;
            }

            try
            {
                lock (_rules)
                {
                    _rules.Replace(_model());
                }

                _log($"the rules were changed by {change.ThreadName} (thread {change.ThreadId}); they are restored");
            }
            catch (LinuxException error)
            {
                _log($"the rules were changed by {change.ThreadName} (thread {change.ThreadId}) and could not be restored: {error.Message}");
            }
        }
    }
}
