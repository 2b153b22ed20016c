// RFC 5925 section 7: TCP-AO as a stack, or something in front of one, calls it.

using System.Runtime.CompilerServices;
using TcpAo.Connections;
using TcpAo.Crypto;
using TcpAo.Diagnostics;
using TcpAo.Keys;
using TcpAo.Wire;

namespace TcpAo;

/// <summary>
/// TCP-AO without I/O: a packet and the time go in, a decision comes out.
/// </summary>
/// <remarks>
/// <para>
/// <b>Calls.</b> <see cref="ProcessOutbound"/> for each packet that the local stack sends, <see cref="ProcessInbound(Span{byte}, int, in SegmentContext)"/> for each that arrives,
/// both before anything else acts on the packet; <see cref="Close"/> when a socket is gone; <see cref="Tick"/> at the time that the last call of
/// it named; <see cref="UseKeys"/> when keys or rules changed. Neither of the two ever throws on what a packet holds.
/// </para>
/// <para>
/// <b>Buffers.</b> The caller owns the buffer. The packet begins at its start; an outbound one may grow by up to
/// <see cref="MaxGrowth"/> bytes, so that the buffer should have as much room behind it, or <see cref="CutRoom"/>: a segment that is too long for its path once it
/// is signed then becomes two.
/// </para>
/// <para>
/// <b>Threads and time.</b> An engine is used by one thread at a time; connections are spread over several engines by their socket pair, in both
/// directions to the same one. Monotonic time never goes back; wall-clock time may.
/// </para>
/// <para>
/// <b>Allocation.</b> None per segment. A new connection, the first use of a key by a connection and a change of keys allocate.
/// </para>
/// </remarks>
public sealed partial class AoEngine
{
    /// <summary>Bytes by which signing may lengthen a packet: 4 of TCP-AO, 16 of MAC.</summary>
    public const int MaxGrowth = 4 + MacAlgorithm.LongestMac;

    /// <summary>Bytes of room that let any packet be cut in two where its path needs that: growth, and another IP and TCP header.</summary>
    public const int CutRoom = MaxGrowth + 60 + 60;

    // so near to nothing left for data that a cut would not help
    private const int LeastPayload = 64;

    private readonly AoEngineOptions _options;
    private readonly IAoObserver? _observer;
    private readonly IConnectionStore? _store;
    private readonly ConnectionTable _connections;
    private readonly PathMtuTable _pathMtus = new();

    // weak: a key that no source and no connection has any more goes with its counters
    private readonly ConditionalWeakTable<AoKey, KeyCounters> _keyCounters = [];
    private IKeySource _keys;
    private int _keysVersion;

    /// <summary>Creates an engine.</summary>
    /// <param name="keys">Which keys and rules apply to a connection.</param>
    /// <param name="options">What RFC 5925 leaves to the implementation; null for the defaults.</param>
    /// <param name="observer">Is told what happens; null for nobody.</param>
    /// <param name="store">Keeps connections beyond the engine's life; null for nobody.</param>
    public AoEngine(IKeySource keys, AoEngineOptions? options = null, IAoObserver? observer = null, IConnectionStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _keys = keys;
        _options = options ?? new AoEngineOptions();
        _observer = observer;
        _store = store;
        _connections = new ConnectionTable(_options.MaxConnections, store);
    }

    /// <summary>What all connections of this engine counted together: a namespace's counters on Linux.</summary>
    public AoCounters Counters { get; } = new();

    /// <summary>The connections, in no order.</summary>
    public IEnumerable<AoConnection> Connections => _connections.All;

    /// <summary>The connection of a socket pair, or null.</summary>
    public AoConnection? FindConnection(in SocketPair pair) => _connections.TryFind(pair, out AoConnection? connection) ? connection : null;

    /// <summary>What this engine counted for a key over all connections, handshakes included.</summary>
    public KeyCounters GetKeyCounters(AoKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _keyCounters.TryGetValue(key, out KeyCounters? counters) ? counters : _keyCounters.GetOrAdd(key, static _ => new KeyCounters());
    }

    /// <summary>
    /// Puts changed keys and rules into force. A connection sees them at its next segment; a key in use that is gone or changed
    /// stays with its connections until they have left it.
    /// </summary>
    public void UseKeys(IKeySource keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _keys = keys;
        _keysVersion++;
    }

    /// <summary>
    /// The socket of a connection is gone. Its keys live on for <see cref="AoEngineOptions.ClosedLifetime"/>, for late segments and resets.
    /// </summary>
    public void Close(in SocketPair pair, EngineTime time)
    {
        if (_connections.TryFind(pair, out AoConnection? connection) && connection.State != ConnectionState.Closed)
        {
            connection.State = ConnectionState.Closed;
            connection.Deadline = time.Monotonic + _options.ClosedLifetime;
            Keep(connection);
        }
    }

    /// <summary>Forgets a connection at once and erases its traffic keys. False when there is none.</summary>
    public bool Forget(in SocketPair pair) => _connections.Remove(pair);

    /// <summary>Forgets what is over.</summary>
    /// <returns>When to call again, in monotonic milliseconds; <see cref="long.MaxValue"/> when nothing waits.</returns>
    public long Tick(EngineTime time) => _connections.RemoveExpired(time.Monotonic);

    /// <summary>
    /// Continues a connection that was saved, here or elsewhere (R-090, <c>TCP_AO_REPAIR</c>). One that exists is replaced.
    /// </summary>
    /// <param name="saved">What was saved. A state of <see cref="ConnectionState.Closed"/> means that its socket is gone.</param>
    /// <param name="time">The time.</param>
    /// <param name="closedLifetime">How long a closed one is kept, in milliseconds; null for <see cref="AoEngineOptions.ClosedLifetime"/>.</param>
    /// <returns>The connection, or null when there are no keys for it or the table is full.</returns>
    public AoConnection? Restore(in SavedConnection saved, EngineTime time, long? closedLifetime = null)
    {
        if (_keys.Find(saved.Pair) is not { IsMd5: false } policy)
        {
            return null;
        }

        _connections.Remove(saved.Pair);
        AoConnection? connection = Add(saved.Pair, policy, time);
        if (connection is not null)
        {
            connection.Load(saved);
            connection.Deadline = saved.State switch
            {
                ConnectionState.Synchronized => long.MaxValue,
                ConnectionState.Closed => time.Monotonic + (closedLifetime ?? _options.ClosedLifetime),
                _ => time.Monotonic + _options.HandshakeLifetime,
            };
        }

        return connection;
    }

    /// <summary>Has a connection kept if a restart would need what changed; before the decision that depends on it.</summary>
    private void Keep(AoConnection? connection)
    {
        if (_store is not null && connection?.TakeNews() == true)
        {
            _store.Keep(connection);
        }
    }

    private AoConnection? Add(in SocketPair pair, ConnectionPolicy policy, EngineTime time)
    {
        var connection = new AoConnection(pair, policy, time) { KeysVersion = _keysVersion };
        return _connections.TryAdd(connection) ? connection : null;
    }

    /// <summary>Lets a connection see keys and rules that changed, and lifetimes that began or ended.</summary>
    private void Refresh(AoConnection connection, EngineTime time)
    {
        AoKey? current = connection.CurrentKey;
        AoKey? rnext = connection.RNextKey;
        if (connection.KeysVersion != _keysVersion)
        {
            connection.KeysVersion = _keysVersion;

            // a connection with TCP-AO keeps it, whatever its peer is to have from the next one on
            if (_keys.Find(connection.Pair) is { IsMd5: false } policy && !ReferenceEquals(policy, connection.Policy))
            {
                connection.UsePolicy(policy, time.Utc);
            }
        }

        connection.CheckLifetimes(time.Utc);
        connection.Stamp(time.Utc);
        ReportKeyChange(connection, current, rnext);
    }

    private void ReportKeyChange(AoConnection connection, AoKey? current, AoKey? rnext)
    {
        if (_observer is null)
        {
            return;
        }

        if (connection.CurrentKey is { } newCurrent && newCurrent.SendId != current?.SendId)
        {
            _observer.OnEvent(new AoEvent(AoEventKind.CurrentKeyChanged, connection.Pair, connection.State, KeyId: newCurrent.SendId));
        }

        if (connection.RNextKey is { } newRNext && newRNext.RecvId != rnext?.RecvId)
        {
            _observer.OnEvent(new AoEvent(AoEventKind.RNextKeyChanged, connection.Pair, connection.State, RNextKeyId: newRNext.RecvId));
        }
    }

    /// <summary>Reports an event that one segment caused.</summary>
    private void Report(AoEventKind kind, in SocketPair pair, AoConnection? connection, in TcpPacket packet, DropReason reason = DropReason.None, uint sne = 0)
    {
        // field by field: the observer is rare, and a packet view cannot be stored
        _observer?.OnEvent(new AoEvent(kind, pair, connection?.State, packet.Flags, packet.KeyId, packet.RNextKeyId, packet.HasAo ? packet.MacLength : 0, sne, reason));
    }
}
