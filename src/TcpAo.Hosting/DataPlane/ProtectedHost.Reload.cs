using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.Control.Status;
using TcpAo.Keys;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Hosting.DataPlane;

public sealed partial class ProtectedHost
{
    /// <summary>Peers of the configuration in force.</summary>
    public int PeerCount => _configuration.Peers.Length;

    /// <summary>The configuration in force.</summary>
    internal TcpAoConfiguration Configuration => _configuration;

    /// <summary>
    /// Puts another configuration into force and cuts the connections that have to be protected from now on and are not.
    /// </summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="dryRun">Only say what would change.</param>
    /// <returns>What changed, or would.</returns>
    /// <exception cref="Linux.LinuxException">The kernel refused the rules; what was before is in force.</exception>
    public ReloadPlan Reload(TcpAoConfiguration configuration, bool dryRun = false)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        using SockDiag diag = SockDiag.Open();
        lock (_change)
        {
            return Reload(configuration, diag, dryRun);
        }
    }

    private ReloadPlan Reload(TcpAoConfiguration configuration, SockDiag diag, bool dryRun)
    {
        var keys = new HostKeySource(configuration, _links.Find);
        var planner = new ReloadPlanner(_configuration, _keys, configuration, keys, new SnapshotReader(_workers.All, _options.Time));

        // what is there before the change: who connects later is protected from the first segment on
        TcpSocket[] sockets = [.. diag.List().Select(socket => socket with { Pair = _links.PairOf(socket) })];
        ReloadPlan plan = planner.Plan(sockets, out IReadOnlyList<TcpSocket> uncovered);
        if (dryRun)
        {
            return plan;
        }

        Apply(configuration, keys);
        TellMissing(configuration);
        foreach (TcpSocket socket in uncovered)
        {
            bool cut = diag.Destroy(socket.Pair, socket.Cookie, socket.InterfaceIndex);
            _options.Log($"{socket.Pair}: was there without protection{(cut ? ", and is cut" : string.Empty)}: peer {keys.Find(socket.Pair)?.Name} must be protected");
        }

        return plan with { InForce = true };
    }

    /// <summary>
    /// Puts another configuration into force. Keys come first and rules after them, so that no segment of a new peer meets an engine that does not know it.
    /// </summary>
    private void Apply(TcpAoConfiguration configuration, HostKeySource keys)
    {
        if (configuration.Queues != _model.QueueCount)
        {
            _options.Log($"queues: {configuration.Queues} counts from the next start on; there are {_model.QueueCount} now");
        }

        if ((configuration.StateFile, configuration.SurvivesReboot, configuration.AcceptsHandshakeAck) != (_first.StateFile, _first.SurvivesReboot, _first.AcceptsHandshakeAck))
        {
            _options.Log("state-file, survive-reboot and accept-handshake-ack count from the next start on");
        }

        if (!Equals(configuration.MetricsEndpoint, _first.MetricsEndpoint))
        {
            _options.Log("metrics counts from the next start on");
        }

        if (configuration.DataPath != _first.DataPath)
        {
            _options.Log("data-path counts from the next start on");
        }

        AdmitTunPeers(configuration);
        NftModel model = ModelOf(configuration, _model.QueueCount);
        IKeySource before = _keys;
        _links.Matters |= configuration.Scopes.Count > 0;
        UseKeys(keys);
        try
        {
            lock (_rules)
            {
                ReplaceRules(_rules, model);
                _model = model;
            }

            _configuration = configuration;
            _expiry.Check();
            _links.Matters = configuration.Scopes.Count > 0;
            _tunPath?.Receiver.Use(SourcesOf(configuration));
            _hints.Use(configuration);
            _programs?.UsePolicy();
            _programs?.Share(HostControl.ProgramsOf(configuration));
        }
        catch
        {
            // the old rules still stand: their peers must not meet keys that no longer name them
            UseKeys(before);
            throw;
        }
    }

    private void UseKeys(IKeySource keys)
    {
        _keys = keys;
        _workers.Do(engine => engine.UseKeys(keys));
    }

    /// <summary>The beats of several loops as one.</summary>
    private static Func<int, Action> HeartOf(int loops, Action beat)
    {
        var heart = new Heartbeat(loops, beat);
        return loop => () => heart.Beat(loop);
    }
}
