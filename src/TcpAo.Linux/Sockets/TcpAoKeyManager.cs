using System.Net;
using System.Net.Sockets;
using TcpAo.KeyChains;
using TcpAo.Keys;
using TcpAo.Uapi;

namespace TcpAo.Linux.Sockets;

/// <summary>
/// Keeps the keys of sockets in step with key chains (RFC 8177): adds keys when they are accepted, asks for the one that is wanted, and takes old ones off once the peer has left them.
/// </summary>
/// <remarks>
/// <para>
/// A key with a lifetime needs somebody who looks at the clock, for the kernel's keys have none. The manager does so by a timer of its own, and whenever <see cref="Check"/> is called. A clock that is set,
/// forward or back, is no more than another time at the next look.
/// </para>
/// <para>
/// <b>Rollover.</b> Each side adds the new key when its accept lifetime begins, asks for it when it is the one with the longest validity, and signs with what the peer asks for; so neither turns
/// to a key that the other lacks. The old key goes when it is over and a segment has verified with the new one. A peer that does not follow is told of and not cut off.
/// </para>
/// <para>
/// <b>Accept.</b> Linux gives an accepted connection the keys that its listener had at the end of the handshake. <see cref="Adopt"/> puts right what changed since.
/// </para>
/// <para>All members may be called from any thread. Disposal ends the looks and leaves the keys on the sockets.</para>
/// </remarks>
/// <example><code>
/// using TcpAoKeyManager manager = new();
/// manager.Manage(listener, chain, IpPrefix.Host(IpAddressBits.From(peer)));
/// listener.Listen();
/// using Socket connection = listener.Accept();
/// manager.Adopt(listener, connection);
/// </code></example>
public sealed class TcpAoKeyManager : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<TcpAoManagedKeys> _managed = [];
    private readonly ITimer _timer;
    private bool _isDisposed;

    /// <summary>Creates a manager without sockets.</summary>
    /// <param name="options">Settings; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An interval is not more than zero.</exception>
    public TcpAoKeyManager(TcpAoKeyManagerOptions? options = null)
    {
        Options = options ?? new TcpAoKeyManagerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Options.CheckInterval, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Options.LongestWait, TimeSpan.Zero, nameof(options));
        _timer = Options.Time.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal TcpAoKeyManagerOptions Options { get; }

    /// <summary>Keeps a socket's keys for some peers from now on, and adds those that are due. All keys that it has for just these peers are the manager's.</summary>
    /// <param name="socket">A socket: before it connects or listens, or with TCP-AO.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="peer">Whom the keys are for. A listener may have several peers, each with its chain.</param>
    /// <param name="interfaceIndex">The VRF that they are for, as <see cref="TcpAoKey.InterfaceIndex"/>.</param>
    /// <returns>To change the chain, or to end it; it ends by itself when the socket is closed.</returns>
    /// <exception cref="ArgumentException">Something is wrong with the chain.</exception>
    /// <exception cref="TcpAoException">No key of it is valid now, one has an algorithm that Linux has not, or the kernel refuses.</exception>
    public TcpAoManagedKeys Manage(Socket socket, KeyChain chain, IpPrefix peer, int? interfaceIndex = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return ManageAs(socket, new KernelSocket(socket), chain, peer, interfaceIndex);
    }

    /// <summary>
    /// Keeps the keys of a connection that a listener accepted: those of its peer's chain, whatever has changed since the handshake.
    /// </summary>
    /// <param name="listener">The listener.</param>
    /// <param name="accepted">What it accepted.</param>
    /// <returns>Null where the listener has no chain for that peer.</returns>
    /// <exception cref="TcpAoException"><see cref="TcpAoError.Unsigned"/>: the listener has a chain for the peer, and the connection came without TCP-AO; close it.</exception>
    public TcpAoManagedKeys? Adopt(Socket listener, Socket accepted)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentNullException.ThrowIfNull(accepted);
        return accepted.RemoteEndPoint is IPEndPoint remote
            ? AdoptAs(listener, accepted, new KernelSocket(accepted), IpAddressBits.From(remote.Address))
            : null;
    }

    /// <summary>Has every socket with a chain of that name follow this one from now on.</summary>
    /// <param name="chain">The chain.</param>
    /// <returns>How many sockets do.</returns>
    /// <exception cref="ArgumentException">Something is wrong with the chain; the old one stays.</exception>
    /// <exception cref="TcpAoException">One of its keys has an algorithm that Linux has not; the old one stays.</exception>
    public int Use(KeyChain chain)
    {
        TcpAoManagedKeys.CheckChain(chain);
        int count = 0;
        foreach (TcpAoManagedKeys keys in All().Where(keys => string.Equals(keys.Chain.Name, chain.Name, StringComparison.Ordinal)))
        {
            keys.Use(chain);
            count++;
        }

        return count;
    }

    /// <summary>Looks at all sockets now.</summary>
    public void Check()
    {
        foreach (TcpAoManagedKeys keys in All())
        {
            keys.Check();
        }

        SetTimer();
    }

    /// <summary>Ends the looks. The keys stay on the sockets.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _managed.Clear();
        }

        _timer.Dispose();
    }

    internal TcpAoManagedKeys ManageAs(object identity, OptionSocket socket, KeyChain chain, IpPrefix peer, int? interfaceIndex)
    {
        TcpAoManagedKeys.CheckChain(chain);
        DateTimeOffset now = Options.Time.GetUtcNow();
        if (KeyChainSelector.SendKey(chain, now) is null || KeyChainSelector.RNextKey(chain, now) is null)
        {
            string way = KeyChainSelector.SendKey(chain, now) is null ? "may sign" : "is accepted";
            throw new TcpAoException(TcpAoError.NoValidKey, $"No key of the chain {chain.Name} {way} now ({now:u}): give it one whose lifetime is not over.");
        }

        var keys = new TcpAoManagedKeys(this, identity, socket, chain, peer, interfaceIndex);
        keys.Begin();
        Add(keys);
        return keys;
    }

    internal TcpAoManagedKeys? AdoptAs(object listener, object identity, OptionSocket accepted, IpAddressBits remote)
    {
        TcpAoManagedKeys? its = All().Where(keys => ReferenceEquals(keys.Identity, listener) && keys.Peer.Contains(remote)).MaxBy(keys => keys.Peer.PrefixLength);
        if (its is null)
        {
            return null;
        }

        if (AoOptions.FindInfo(accepted) is null)
        {
            throw new TcpAoException(
                TcpAoError.Unsigned,
                $"The connection from {remote} has no TCP-AO although the chain {its.Chain.Name} is for it: it was made before the listener had the keys. Close it.");
        }

        var keys = new TcpAoManagedKeys(this, identity, accepted, its.Chain, its.Peer, its.InterfaceIndex);
        keys.Check();
        Add(keys);
        return keys;
    }

    internal void Remove(TcpAoManagedKeys keys)
    {
        lock (_lock)
        {
            _managed.Remove(keys);
        }
    }

    /// <summary>Wakes up when the next of the sockets is due.</summary>
    internal void SetTimer()
    {
        // its own lock and those of the sockets are never held together
        TcpAoManagedKeys[] all = All();
        TimeSpan wait = all.Length == 0 ? Timeout.InfiniteTimeSpan : all.Min(keys => keys.Wait);
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _timer.Change(wait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    internal static SocketRole RoleOf(TcpState state) => state switch
    {
        TcpState.Closed => SocketRole.Unconnected,
        TcpState.Listen => SocketRole.Listener,
        _ => SocketRole.Connection,
    };

    private TcpAoManagedKeys[] All()
    {
        lock (_lock)
        {
            return [.. _managed];
        }
    }

    private void Add(TcpAoManagedKeys keys)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _managed.Add(keys);
        }

        SetTimer();
    }
}
