using TcpAo.Connections;
using TcpAo.Hosting.Configuration;
using TcpAo.Keys;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Protects the peers of a configuration in the network namespace of the process: rules, queue and engine. The rules stand before the first packet can
/// pass and stay when this ends, however it ends; what they match is dropped while nobody runs. <see cref="Release"/> takes them away.
/// </summary>
public sealed partial class ProtectedHost : IDisposable
{
    private readonly ProtectedHostOptions _options;
    private readonly NftRuleset _rules;
    private readonly StateFile _state;
    private readonly QueueWorker _worker;
    private readonly SocketWatch _sockets;
    private readonly RuleGuard _guard;
    private readonly HintSearch _hints;
    private readonly DateTimeOffset _since;
    private NftModel _model;
    private TcpAoConfiguration _configuration;

    // the worker's, once it runs
    private IKeySource _keys;

    private ProtectedHost(ProtectedHostOptions options, TcpAoConfiguration configuration)
    {
        _options = options;
        _configuration = configuration;
        _since = options.Time.GetUtcNow();
        _model = ModelOf(configuration);
        _rules = NftRuleset.Open();
        _rules.Replace(_model);

        // from here on nothing passes unseen; packets wait or are dropped until the queue is bound
        _state = StateFile.Open(options.StatePath, NamespaceIdentity.Read());
        _keys = configuration.Policy;
        var log = new EventLog(options.Log, options.Time) { FindPolicy = pair => _keys.Find(pair) };
        var engineOptions = new AoEngineOptions
        {
            // A kernel without TCP-AO but with TCP MD5 drops the ACK that ends a handshake when it has the option (TCPAOBad; seen on 6.18), and one with
            // TCP-AO drops every segment whose socket has no key: nothing is gained by leaving it in.
            StripVerified = true,
            ReserveOptionSpace = true,
            MaxConnections = StateFile.Capacity,
        };
        var engine = new AoEngine(configuration.Policy, engineOptions, log, _state);
        HashSet<SocketPair> held = Restore(engine, configuration);
        _worker = new QueueWorker(NfQueue.Bind(options.Queue), engine, new InterfaceMtu(options.Time), options.Time);
        _hints = new HintSearch(configuration, options.Log);
        _worker.Refusals = new RefusalLog(pair => _keys.Find(pair), _hints.Ask, options.Time);
        _worker.Beat = options.Beat is { } beat ? HeartOf(1, beat)(0) : null;
        _sockets = new SocketWatch(_worker);
        SocketWatch.Reconcile(engine, configuration.Policy, held, QueueWorker.Read(options.Time), options.Log);
        _worker.Start();
        _sockets.Start();
        _guard = new RuleGuard(_rules, () => _model, options.Log);
    }

    /// <summary>Completes when the data plane ends; failed when it ended by itself.</summary>
    public Task Ended => _worker.Ended.Task;

    /// <summary>Installs rules for the peers and begins.</summary>
    /// <exception cref="Linux.LinuxException">A privilege or a feature of the kernel is missing.</exception>
    public static ProtectedHost Start(ProtectedHostOptions options, TcpAoConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configuration);
        return new ProtectedHost(options, configuration);
    }

    /// <summary>Takes the rules away and erases the state: from then on nothing is protected.</summary>
    /// <returns>False when there was nothing.</returns>
    /// <exception cref="Linux.LinuxException">A privilege is missing, or a running program owns the rules.</exception>
    public static bool Release(ProtectedHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using NftRuleset rules = NftRuleset.Open();
        bool removed = rules.Remove();
        if (File.Exists(options.StatePath))
        {
            File.Delete(options.StatePath);
        }

        return removed;
    }

    /// <summary>Ends; the rules stay, and what they match is dropped until the next start.</summary>
    public void Dispose()
    {
        _guard.Dispose();
        _sockets.Dispose();
        _worker.Dispose();
        _hints.Dispose();
        _state.Dispose();
        _rules.Dispose();
    }

    private NftModel ModelOf(TcpAoConfiguration configuration) => new()
    {
        Traffic = [.. configuration.Peers.SelectMany(peer => peer.Matches().Select(match => new ProtectedTraffic(match, peer.Interface)))],
        FirstQueue = _options.Queue,
    };

    /// <summary>Continues what an earlier program left; returns what cannot go on without its keys.</summary>
    private HashSet<SocketPair> Restore(AoEngine engine, TcpAoConfiguration configuration)
    {
        (List<SavedConnection> good, List<SavedConnection> held) = _state.Load(pair => configuration.Policy.Find(pair)?.Keys);
        EngineTime now = QueueWorker.Read(_options.Time);
        int restored = good.Count(saved => engine.Restore(saved, now) is not null);
        if (restored > 0)
        {
            _options.Log($"{restored} connections continue");
        }

        foreach (SavedConnection saved in held)
        {
            _options.Log($"{saved.Pair}: held: its key is missing or was changed; bring the key back, or restart the session");
        }

        return [.. held.Select(saved => saved.Pair)];
    }
}
