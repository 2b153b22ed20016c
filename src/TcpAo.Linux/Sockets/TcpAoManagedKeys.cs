using System.Collections.Immutable;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Linux.Sockets;

/// <summary>The keys of one socket for some peers, which a <see cref="TcpAoKeyManager"/> keeps.</summary>
public sealed class TcpAoManagedKeys : IDisposable
{
    private static readonly (SocketKeyCondition Condition, TcpAoKeyEventKind Kind, string Message)[] s_conditions =
    [
        (SocketKeyCondition.NoSendKey, TcpAoKeyEventKind.NoSendKey, "no key of the chain may sign now; what is in use stays"),
        (SocketKeyCondition.NoAcceptKey, TcpAoKeyEventKind.NoAcceptKey, "no key of the chain is accepted now; what is in use stays"),
        (SocketKeyCondition.PeerDoesNotFollow, TcpAoKeyEventKind.PeerDoesNotFollow, "the peer still signs with a key that is over, and does not turn to the one that it is asked for"),
        (SocketKeyCondition.PeerAsksForOld, TcpAoKeyEventKind.PeerAsksForOld, "the peer asks for a key that is over"),
        (SocketKeyCondition.LastKeyKept, TcpAoKeyEventKind.LastKeyKept, "the last key is over and stays: without one the socket would take unsigned connections"),
        (SocketKeyCondition.IdHeld, TcpAoKeyEventKind.IdHeld, "a key of the chain waits: one of its ids belongs to a key that the connection uses"),
    ];

    private static readonly TimeSpan s_soonest = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private readonly TcpAoKeyManager _manager;
    private readonly OptionSocket _socket;
    private readonly OptionPeer _peer;
    private readonly Dictionary<SocketKeyCondition, long> _since = [];
    private readonly HashSet<SocketKeyCondition> _told = [];
    private SocketKeyProgress _progress;
    private string? _failure;
    private bool _isWaiting;

    // a listener refuses everybody without TCP-AO while it has no key for these peers
    private bool _isClosed;
    private bool _isOver;

    internal TcpAoManagedKeys(TcpAoKeyManager manager, object identity, OptionSocket socket, KeyChain chain, IpPrefix peer, int? interfaceIndex)
    {
        _manager = manager;
        _socket = socket;
        _peer = OptionPeer.On(socket, peer);
        Identity = identity;
        Chain = chain;
        InterfaceIndex = interfaceIndex;
    }

    /// <summary>The chain that the keys follow.</summary>
    public KeyChain Chain { get; private set; }

    /// <summary>Whom the keys are for.</summary>
    public IpPrefix Peer => _peer.Prefix;

    /// <summary>The VRF that they are for, as <see cref="TcpAoKey.InterfaceIndex"/>.</summary>
    public int? InterfaceIndex { get; }

    internal object Identity { get; }

    /// <summary>Until the next look.</summary>
    internal TimeSpan Wait
    {
        get
        {
            lock (_lock)
            {
                if (_isWaiting)
                {
                    return _manager.Options.CheckInterval;
                }

                DateTimeOffset now = _manager.Options.Time.GetUtcNow();
                TimeSpan wait = KeyChainSelector.NextChange(Chain, now) is { } change ? change - now : _manager.Options.LongestWait;
                return wait > _manager.Options.LongestWait ? _manager.Options.LongestWait : wait < s_soonest ? s_soonest : wait;
            }
        }
    }

    /// <summary>Follows another chain from now on. Keys that it does not have go as those that are over do.</summary>
    /// <param name="chain">The chain.</param>
    /// <exception cref="ArgumentException">Something is wrong with it; the old one stays.</exception>
    /// <exception cref="TcpAoException">One of its keys has an algorithm that Linux has not; the old one stays.</exception>
    public void Use(KeyChain chain)
    {
        CheckChain(chain);
        lock (_lock)
        {
            Chain = chain;
        }

        Check();
        _manager.SetTimer();
    }

    /// <summary>Looks at the socket now.</summary>
    public void Check()
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            try
            {
                Look();
                _failure = null;
            }
            catch (TcpAoException error)
            {
                // told once, tried again
                _isWaiting = true;
                if (!string.Equals(_failure, error.Message, StringComparison.Ordinal))
                {
                    _failure = error.Message;
                    Tell(TcpAoKeyEventKind.Failed, error.Message);
                }
            }
            catch (ObjectDisposedException)
            {
                End();
            }
        }
    }

    /// <summary>Ends it; the keys stay on the socket.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            End();
        }
    }

    /// <summary>The first look: what is refused then is refused to the caller.</summary>
    internal void Begin()
    {
        lock (_lock)
        {
            Look();
        }
    }

    internal static void CheckChain(KeyChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        foreach (KeyChainProblem problem in KeyChainValidator.Validate(chain).Where(problem => problem.Severity == KeyChainSeverity.Error))
        {
            throw new ArgumentException(problem.ToString(), nameof(chain));
        }

        foreach (AoKey key in chain.AoKeys)
        {
            if (key.Algorithm.LinuxName is null)
            {
                throw new TcpAoException(TcpAoError.AlgorithmNotSupported, $"Linux does not have the algorithm of {key} on a socket.");
            }
        }
    }

    private void Look()
    {
        SocketRole role = TcpAoKeyManager.RoleOf(_socket.State);
        ImmutableArray<PresentKey> present = Present();
        if (role == SocketRole.Connection && present.IsEmpty && AoOptions.FindInfo(_socket) is null)
        {
            Tell(TcpAoKeyEventKind.Unsigned, "the connection has no TCP-AO");
            End();
            return;
        }

        _isWaiting = false;
        SocketKeyPlan plan = SocketKeyPlanner.Plan(Chain, _manager.Options.Time.GetUtcNow(), role, present, _progress);

        // what is asked for is remembered also where a later step fails; that we turned to a key only once we have
        _progress = plan.Progress with { ForcedSendId = _progress.ForcedSendId };
        int count = present.Length;
        foreach (SocketKeyStep step in plan.Steps)
        {
            Do(step, role, count);
            count += step.Kind == SocketKeyStepKind.Add ? 1 : step.Kind == SocketKeyStepKind.Remove ? -1 : 0;
        }

        if (_isClosed)
        {
            AoOptions.SetInfo(_socket, new TcpAoInfoChange { AoRequired = false });
            _isClosed = false;
        }

        _progress = plan.Progress;
        _isWaiting |= plan.IsWaiting;
        TellConditions(plan.Conditions);
    }

    private ImmutableArray<PresentKey> Present() =>
    [
        .. AoOptions.GetKeys(_socket, Chain.AoKeys.ToArray())
            .Where(found => found.Status.Peer == _peer.Prefix && found.Status.InterfaceIndex == InterfaceIndex && found.Status.LocalPorts.IsAny && found.Status.RemotePorts.IsAny)
            .Select(found => new PresentKey(found.Status.SendId, found.Status.RecvId, found.Key, found.Status.IsCurrent, found.Status.IsRNext, found.Status.Good)),
    ];

    private void Do(SocketKeyStep step, SocketRole role, int count)
    {
        switch (step.Kind)
        {
            case SocketKeyStepKind.Add:
                Add(step.Key!);
                break;
            case SocketKeyStepKind.Replace:
                Replace(step, role, isLast: count == 1);
                break;
            case SocketKeyStepKind.SetCurrent:
                AoOptions.SetInfo(_socket, new TcpAoInfoChange { CurrentSendId = step.Key!.SendId });
                Tell(TcpAoKeyEventKind.Signing, $"signs with {step.Key}");
                break;
            case SocketKeyStepKind.SetRNext:
                AoOptions.SetInfo(_socket, new TcpAoInfoChange { RNextRecvId = step.Key!.RecvId });
                Tell(TcpAoKeyEventKind.Asked, $"asks for {step.Key}");
                break;
            default:
                Remove(step.Old, role);
                break;
        }
    }

    private void Add(AoKey key)
    {
        AoOptions.AddKey(_socket, TcpAoKey.Of(key, _peer.Prefix, InterfaceIndex));
        Tell(TcpAoKeyEventKind.Added, $"added {key}");
    }

    /// <summary>Between the two a listener would have no key for its peer, and take unsigned connections; so it takes none from anybody for that time.</summary>
    private void Replace(SocketKeyStep step, SocketRole role, bool isLast)
    {
        if (role == SocketRole.Listener && isLast && AoOptions.FindInfo(_socket)?.AoRequired != true)
        {
            AoOptions.SetInfo(_socket, new TcpAoInfoChange { AoRequired = true });
            _isClosed = true;
        }

        Remove(step.Old, role);
        Add(step.Key!);
    }

    private void Remove(PresentKey old, SocketRole role)
    {
        try
        {
            // a listener would wait for nothing, and has no use of its own for a key
            AoOptions.RemoveKey(_socket, new TcpAoKeyRemoval(_peer.Prefix, old.SendId, old.RecvId) { InterfaceIndex = InterfaceIndex, WithoutWaiting = role == SocketRole.Listener });
            Tell(TcpAoKeyEventKind.Removed, $"took key {old.SendId}/{old.RecvId} off");
        }
        catch (TcpAoException error) when (error.Error is TcpAoError.KeyInUse)
        {
            // the peer asked for it since we looked
            _isWaiting = true;
        }
    }

    /// <summary>Each is told once, until it is over; what a peer may need time for only when it had that.</summary>
    private void TellConditions(SocketKeyCondition conditions)
    {
        TimeProvider time = _manager.Options.Time;
        foreach ((SocketKeyCondition condition, TcpAoKeyEventKind kind, string message) in s_conditions)
        {
            if (!conditions.HasFlag(condition))
            {
                _since.Remove(condition);
                _told.Remove(condition);
                continue;
            }

            _since.TryAdd(condition, time.GetTimestamp());
            bool isForPeer = condition is SocketKeyCondition.PeerDoesNotFollow or SocketKeyCondition.PeerAsksForOld;
            if ((!isForPeer || time.GetElapsedTime(_since[condition]) >= _manager.Options.Patience) && _told.Add(condition))
            {
                Tell(kind, message);
            }
        }
    }

    private void Tell(TcpAoKeyEventKind kind, string message) =>
        _manager.Options.Observer?.Invoke(new TcpAoKeyEvent(kind, Chain.Name, _socket.Name, message));

    private void End()
    {
        _isOver = true;
        _manager.Remove(this);
    }
}
