using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Diagnostics;
using TcpAo.Uapi;

namespace TcpAo.Hosting.Emulation;

/// <summary>
/// The sockets of supervised programs in one network namespace: by cookie for their calls, by connection for their segments. As an <see cref="IKeySource"/> it finds the socket that a
/// segment of an unknown connection belongs to by asking the kernel (sock_diag). Used under the plane's gate.
/// </summary>
/// <param name="diag">Asks the namespace's kernel.</param>
/// <param name="reachesAllVrfs">Whether sockets that are bound to no device have connections in VRFs too.</param>
internal sealed class SocketRegistry(SockDiag diag, Func<bool> reachesAllVrfs) : IKeySource, IDisposable
{
    private const int MaxStrangers = 4096;

    private readonly Dictionary<ulong, ProgramSocket> _byCookie = [];
    private readonly Dictionary<SocketPair, ProgramSocket> _byPair = [];

    // connections that rules of ours match and that no socket with keys has: other programs', or unsigned ones
    private readonly HashSet<SocketPair> _strangers = [];

    /// <summary>The interface of the packet that is looked at: sockets bound to a device are found by it alone.</summary>
    public int Interface { get; set; }

    /// <summary>All sockets.</summary>
    public IEnumerable<ProgramSocket> All => _byCookie.Values;

    /// <summary>How many sockets there are.</summary>
    public int Count => _byCookie.Count;

    /// <summary>How many connections have a socket.</summary>
    public int ConnectionCount => _byPair.Count;

    /// <summary>The socket of a cookie, or null.</summary>
    public ProgramSocket? Find(ulong cookie) => _byCookie.GetValueOrDefault(cookie);

    /// <summary>The socket that has a connection, or null.</summary>
    public ProgramSocket? FindOwner(in SocketPair pair) => _byPair.GetValueOrDefault(pair);

    /// <summary>Takes a socket in.</summary>
    public void Add(ProgramSocket socket)
    {
        if (socket.Cookie != 0)
        {
            _byCookie[socket.Cookie] = socket;
        }

        if (socket.Pair is { } pair)
        {
            Bind(pair, socket);
        }
    }

    /// <summary>A connection is this socket's from now on.</summary>
    public void Bind(in SocketPair pair, ProgramSocket socket)
    {
        _byPair[pair] = socket;
        _strangers.Remove(pair);
    }

    /// <summary>A connection is no longer this socket's.</summary>
    public void Unbind(in SocketPair pair, ProgramSocket socket)
    {
        if (_byPair.TryGetValue(pair, out ProgramSocket? owner) && ReferenceEquals(owner, socket))
        {
            _byPair.Remove(pair);
        }
    }

    /// <summary>A socket is gone.</summary>
    /// <returns>The socket, or null where it was none of ours.</returns>
    public ProgramSocket? Remove(ulong cookie)
    {
        if (_byCookie.Remove(cookie, out ProgramSocket? socket) && socket.Pair is { } pair)
        {
            Unbind(pair, socket);
        }

        return socket;
    }

    /// <summary>A connection may begin: what was found out about its ends counts no more.</summary>
    public void Forget(in SocketPair pair) => _strangers.Remove(pair);

    /// <summary>Keys changed: a stranger may be none any more.</summary>
    public void ForgetStrangers() => _strangers.Clear();

    /// <inheritdoc/>
    public ConnectionPolicy? Find(in SocketPair pair)
    {
        if (_byPair.TryGetValue(pair, out ProgramSocket? socket))
        {
            return socket.Model.Find(pair);
        }

        if (_strangers.Contains(pair))
        {
            return null;
        }

        ConnectionPolicy? policy = Resolve(pair)?.Model.Find(pair);
        if (policy is null)
        {
            if (_strangers.Count >= MaxStrangers)
            {
                _strangers.Clear();
            }

            _strangers.Add(pair);
        }

        return policy;
    }

    /// <summary>Asks the kernel whose segment it is.</summary>
    /// <returns>The connection's socket or, before it has one, its listener; null where that is none of ours.</returns>
    public ProgramSocket? Resolve(in SocketPair pair)
    {
        if (FindInKernel(pair) is not { } found)
        {
            return null;
        }

        if (_byCookie.TryGetValue(found.Cookie, out ProgramSocket? socket))
        {
            return socket;
        }

        // the cookie is that of the socket that accept() will give, or of one that is gone: late segments are the engine's, and a SYN comes to the listener
        return found.State is TcpState.SynReceived or TcpState.TimeWait ? ResolveListener(pair) : null;
    }

    /// <summary>The listener that a SYN of this connection comes to; null where that is none of ours.</summary>
    public ProgramSocket? ResolveListener(in SocketPair pair) =>
        FindByDevice(pair, diag.FindListener) is { } listener ? _byCookie.GetValueOrDefault(listener.Cookie) : null;

    /// <summary>What the kernel knows of a connection: its socket, or the listener that it would come to.</summary>
    public TcpSocket? FindInKernel(in SocketPair pair) => FindByDevice(pair, diag.FindAny);

    public void Dispose() => diag.Dispose();

    /// <summary>In a VRF a segment is for sockets that are bound to the VRF's device or to the interface; sock_diag looks at one device at a time, and takes those bound to none for either's.</summary>
    private TcpSocket? FindByDevice(in SocketPair pair, Lookup find)
    {
        if (pair.Vrf == 0 || pair.Remote.IsLinkLocal)
        {
            return find(pair, Interface);
        }

        TcpSocket? ofVrf = find(pair, pair.Vrf);
        TcpSocket? best = ofVrf is { State: not TcpState.Listen } || Interface is 0 || Interface == pair.Vrf || find(pair, Interface) is not { } ofInterface ? ofVrf
            : ofVrf is null || ofInterface.State != TcpState.Listen || ofVrf is { InterfaceIndex: 0 } ? ofInterface
            : ofVrf;
        return best is { InterfaceIndex: 0 } && !reachesAllVrfs() ? null : best;
    }

    private delegate TcpSocket? Lookup(in SocketPair pair, int interfaceIndex);
}
