using TcpAo.Connections;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Telemetry;
using TcpAo.Keys;
using TcpAo.Linux;
using TcpAo.Linux.Diagnostics;
using TcpAo.Linux.Netfilter;
using TcpAo.Linux.Tun;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Protects the peers of a configuration in the network namespace of the process: rules, queues and an engine for each. The rules stand before the first packet can
/// pass and stay when this ends, however it ends; what they match is dropped while nobody runs. <see cref="Release"/> takes them away.
/// </summary>
public sealed partial class ProtectedHost : IDisposable
{
    private readonly ProtectedHostOptions _options;
    private readonly NftRuleset _rules;
    private readonly StateFile _state;
    private readonly WorkerGroup _workers;
    private readonly SocketWatch _sockets;
    private readonly RuleGuard _guard;
    private readonly HintSearch _hints;
    private readonly LocalReject _rejects;
    private readonly KeyExpiryWatch _expiry;
    private readonly TraceOrigin _origin = TraceOrigin.OfThread();
    private readonly LinkWatch _linkWatch;
    private readonly HostLinks _links = new();
    private readonly DateTimeOffset _since;
    private readonly Func<int, Action>? _heart;
    private readonly TcpAoConfiguration _first;
    private NftModel _model;
    private TcpAoConfiguration _configuration;

    // read by the workers' logs
    private volatile IKeySource _keys;

    private ProtectedHost(ProtectedHostOptions options, TcpAoConfiguration configuration)
    {
        _options = options;
        Events = new EventHub(options.Time);
        _links.Matters = configuration.Scopes.Count > 0;
        TellMissing(configuration);
        _configuration = configuration;
        _first = configuration;
        _since = options.Time.GetUtcNow();
        _rules = NftRuleset.Open();
        _tunPath = OpenTun(configuration);
        _model = ModelOf(configuration, configuration.Queues);
        try
        {
            _rules.Replace(_model);
        }
        catch (LinuxException error) when (_tunPath is not null && configuration.DataPath == DataPath.Auto)
        {
            options.Log($"data path: nfqueue: {error.Message}");
            _tunPath.Dispose();
            _tunPath = null;
            _model = ModelOf(configuration, configuration.Queues);
            _rules.Replace(_model);
        }

        // from here on nothing passes unseen; packets wait or are dropped until the queues are bound
        _state = StateFile.Open(options.StatePath, NamespaceIdentity.Read(), configuration.SurvivesReboot);
        _keys = new HostKeySource(configuration, _links.Find);
        _hints = new HintSearch(configuration, options.Log);
        _rejects = new LocalReject(pair => _keys.Find(pair), options.Time, options.Log);
        _heart = options.Beat is { } beat ? HeartOf(_model.QueueCount + (_tunPath is null ? 0 : 1), beat) : null;
        _workers = new WorkerGroup(_model, NewWorker);
        _sockets = new SocketWatch(_workers, _links);
        HashSet<SocketPair> held = Restore();
        _sockets.Reconcile(_keys, held, QueueWorker.Read(options.Time), options.Log);
        _workers.Start();
        _tun = StartTun();
        Ended = _tun is null ? _workers.Ended : Task.WhenAny(_workers.Ended, _tun.Ended.Task).Unwrap();
        _sockets.Start();
        _guard = new RuleGuard(_rules.PortId, RestoreRules, options.Log);
        _linkWatch = new LinkWatch(FollowLinks);
        _expiry = new KeyExpiryWatch(() => ChainsInUse(_configuration), options.Time, options.Log);
        Metrics = new HostMetrics(ReadMetrics, options.Time);
    }

    /// <summary>Completes when the data plane ends; failed when it ended by itself.</summary>
    public Task Ended { get; }

    /// <summary>What the engines tell, for traces.</summary>
    internal EventHub Events { get; }

    /// <summary>The queues and their engines.</summary>
    internal IReadOnlyList<QueueWorker> Workers => _workers.All;

    /// <summary>Has the kernel take rules in place of those that stand; tests have it refuse.</summary>
    internal Action<NftRuleset, NftModel> ReplaceRules { get; set; } = static (rules, model) => rules.Replace(model);

    /// <summary>Installs rules for the peers and begins.</summary>
    /// <exception cref="Linux.LinuxException">A privilege or a feature of the kernel is missing.</exception>
    public static ProtectedHost Start(ProtectedHostOptions options, TcpAoConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(configuration);
        return new ProtectedHost(options, configuration);
    }

    /// <summary>Takes the rules away, also those of programs that a dead process served, whose connections it ends, and erases the state: from then on nothing is protected.</summary>
    /// <returns>False when there was nothing.</returns>
    /// <exception cref="Linux.LinuxException">A privilege is missing, or a running program owns the rules.</exception>
    public static bool Release(ProtectedHostOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using NftRuleset rules = NftRuleset.Open();
        bool removed = rules.Remove();
        removed |= TunPath.RemoveRules();
        IReadOnlyList<string> left = Emulation.SocketLeftovers.Find();
        Emulation.SocketLeftovers.Release(left, Emulation.SocketLeftovers.FindSockets(left));
        removed |= left.Count > 0;
        if (File.Exists(options.StatePath))
        {
            File.Delete(options.StatePath);
        }

        return removed;
    }

    /// <summary>Ends; the rules stay, and what they match is dropped until the next start.</summary>
    public void Dispose()
    {
        _programs?.Dispose();
        _expiry.Dispose();
        Metrics.Dispose();
        _linkWatch.Dispose();
        _guard.Dispose();
        _sockets.Dispose();
        _tun?.Dispose();
        _workers.Dispose();
        _links.Dispose();
        _hints.Dispose();
        _rejects.Dispose();
        _state.Dispose();
        _rules.Dispose();
    }

    private QueueWorker NewWorker(int at)
    {
        var log = new EventLog(_options.Log, _options.Time) { FindPolicy = pair => _keys.Find(pair) };
        var engineOptions = new AoEngineOptions
        {
            // A kernel with TCP-AO drops every segment whose socket has no key; one without it, but with TCP MD5, the ACK that ends a handshake (TCPAOBad; seen
            // on 6.18). What need not be stripped is not copied back to the kernel.
            StripVerified = true,
            StackSkipsOption = !KernelTcpAo.IsThere(),
            ReserveOptionSpace = true,
            HoldSynData = true,
            AcceptHandshakeAckWithoutSyn = _first.AcceptsHandshakeAck,
            MaxConnections = StateFile.Capacity / _model.QueueCount,
            RefuseIcmpOfUnknown = _model.QueueCount > 1,
        };
        var changes = new KeyChangeCounter(log);
        _keyChanges.Add(changes);
        var engine = new AoEngine(_keys, engineOptions, Events.Observe(_origin, changes), _state);
        return new QueueWorker(NfQueue.Bind((ushort)(_model.FirstQueue + at)), engine, _links, new InterfaceMtu(_options.Time), OpenSender(), _options.Time)
        {
            Refusals = new RefusalLog(pair => _keys.Find(pair), _hints.Ask, _options.Time),
            Rejects = _rejects,
            Beat = _heart?.Invoke(at),
        };
    }

    private void RestoreRules()
    {
        lock (_rules)
        {
            _rules.Replace(_model);
        }
    }

    private PacketSender? OpenSender()
    {
        try
        {
            return PacketSender.Open();
        }
        catch (LinuxException error)
        {
            _options.Log($"{error.Message} Without it a session is slow where a segment is too long for its path once it is signed");
            return null;
        }
    }

    private NftModel ModelOf(TcpAoConfiguration configuration, int queues) => new()
    {
        // which interface has the name of a peer's, or is in its VRF, the engine decides: the rules would lag behind a change
        Traffic = [.. configuration.Peers.SelectMany(peer => peer.Matches().Select(match => new ProtectedTraffic(match, peer.IsScoped ? null : peer.Interface, peer.Vrf is not null)))],
        FirstQueue = _options.Queue,
        QueueCount = queues,

        // what comes in the name of one peer, forged or not, fills no other peer's queue
        Spread = QueueSpread.AddressPair,
        Tun = TunModel(),
    };

    /// <summary>Continues what an earlier program left; returns what cannot go on without its keys.</summary>
    private HashSet<SocketPair> Restore()
    {
        (List<SavedConnection> good, List<SavedConnection> held) = _state.Load(pair => _keys.Find(pair)?.Keys);
        EngineTime now = QueueWorker.Read(_options.Time);
        if (_state.IsFromAnotherBoot)
        {
            RestoreClosed(good, held, now);
            return [];
        }

        int restored = good.Count(saved => _workers.Of(saved.Pair).Engine.Restore(saved, now) is not null);
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

    /// <summary>
    /// Takes up what was there before a reboot. Its sockets are gone, but the peers do not know: what they send next is verified, the kernel answers it with a reset,
    /// and that is signed as the connection's.
    /// </summary>
    private void RestoreClosed(List<SavedConnection> good, List<SavedConnection> held, EngineTime now)
    {
        // longer than a peer that has something to say is silent; keepalives of BGP come every minute
        const long Lifetime = 3_600_000;
        int restored = 0;
        foreach (SavedConnection saved in good.Where(saved => saved is { Protection: Protection.Signed, LocalIsn: not null, RemoteIsn: not null }))
        {
            SavedConnection closed = saved with { State = ConnectionState.Closed };
            restored += _workers.Of(saved.Pair).Engine.Restore(closed, now, Lifetime) is null ? 0 : 1;
        }

        // what is of no more use
        foreach (SavedConnection saved in good.Concat(held).Where(saved => _workers.Of(saved.Pair).Engine.FindConnection(saved.Pair) is null))
        {
            _state.Discard(saved.Pair);
        }

        if (restored > 0)
        {
            _options.Log($"{restored} connections are from before a reboot: their peers get a signed reset when they say something");
        }
    }
}
