using TcpAo.Connections;
using TcpAo.Keys;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Hosting.Emulation;

/// <summary>
/// Which segments of a network namespace come to the queue: those of the peers that sockets have keys for, at the ports of the supervised programs, and segments with TCP-AO to their listeners.
/// They stay when this process dies. Used under the plane's gate.
/// </summary>
/// <param name="rules">The table.</param>
/// <param name="queue">The queue.</param>
internal sealed class SocketRules(NftRuleset rules, ushort queue) : IDisposable
{
    /// <summary>How long a peer repeats a SYN, in milliseconds: Linux gives up after 127 s by default.</summary>
    private const long LongestSyn = 130_000;

    private HashSet<ProtectedTraffic> _traffic = [];
    private HashSet<ushort> _listening = [];

    // ports that nobody listens on any more, and since when: what peers still send there must not be answered with an unsigned reset
    private readonly Dictionary<ushort, long> _left = [];

    // required and not in force yet
    private readonly List<ProtectedTraffic> _newTraffic = [];
    private readonly List<ushort> _newListening = [];

    /// <summary>How much they name.</summary>
    public int Count => _traffic.Count + _listening.Count;

    /// <summary>Connections of a listener with a peer.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="port">The listener's port.</param>
    /// <param name="isInVrf">Whether they may pass a VRF.</param>
    public static ProtectedTraffic Listener(IpPrefix peer, ushort port, bool isInVrf = false) => new(new ConnectionMatch(peer, IpPrefix.Any, PortMatch.Any, PortMatch.Of(port)), IsInVrf: isInVrf);

    /// <summary>Connections to a peer's port.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="port">Its port.</param>
    /// <param name="isInVrf">Whether they may pass a VRF.</param>
    public static ProtectedTraffic Peer(IpAddressBits peer, ushort port, bool isInVrf = false) =>
        new(new ConnectionMatch(IpPrefix.Host(peer), IpPrefix.Any, PortMatch.Of(port), PortMatch.Any), IsInVrf: isInVrf);

    /// <summary>Has traffic queued; in force after <see cref="Commit"/>.</summary>
    public void Require(ProtectedTraffic traffic)
    {
        if (_traffic.Add(traffic))
        {
            _newTraffic.Add(traffic);
        }
    }

    /// <summary>Has segments with TCP-AO to a port queued, whoever sends them; in force after <see cref="Commit"/>.</summary>
    public void RequireSigned(ushort port)
    {
        if (_listening.Add(port))
        {
            _newListening.Add(port);
        }
    }

    /// <summary>Puts what was required into force.</summary>
    /// <exception cref="Linux.LinuxException">The kernel refused; what stood before stands.</exception>
    public void Commit()
    {
        if (!IsInForce)
        {
            if (!rules.TryExtend(Model(_newTraffic, _newListening)))
            {
                rules.Replace(Model(_traffic, _listening));
            }

            Committed();
        }
    }

    /// <summary>Takes away what is needed no more.</summary>
    /// <param name="sockets">The sockets that there are.</param>
    /// <param name="connections">The engine's connections, also those whose sockets are gone: they are signed to their end.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Retain(IEnumerable<ProgramSocket> sockets, IEnumerable<SocketPair> connections, long now)
    {
        (HashSet<ProtectedTraffic> needed, HashSet<ushort> listening) = Needed(sockets, connections);
        foreach (ushort port in _listening)
        {
            if (listening.Contains(port))
            {
                _left.Remove(port);
            }
            else if (_left.TryAdd(port, now) || now - _left[port] < LongestSyn)
            {
                listening.Add(port);
            }
            else
            {
                _left.Remove(port);
            }
        }

        if (!IsInForce || !needed.SetEquals(_traffic) || !listening.SetEquals(_listening))
        {
            rules.Replace(Model(needed, listening));
            _traffic = needed;
            _listening = listening;
            Committed();
        }
    }

    /// <summary>What sockets and connections need.</summary>
    internal static (HashSet<ProtectedTraffic> Traffic, HashSet<ushort> Listening) Needed(IEnumerable<ProgramSocket> sockets, IEnumerable<SocketPair> connections)
    {
        HashSet<ProtectedTraffic> needed = [];
        HashSet<ushort> listening = [];
        foreach (ProgramSocket socket in sockets)
        {
            if (socket.ListeningPort != 0)
            {
                listening.Add(socket.ListeningPort);
                needed.UnionWith(socket.Model.Peers.Concat(socket.DefaultPeers).Select(peer => Listener(peer, socket.ListeningPort, socket.IsInVrf)));
            }
            else if (socket.Destination is { } destination && (socket.Model.HasAo || socket.Model.HasMd5 || socket.HasDefaultKeys))
            {
                needed.Add(Peer(destination.Address, destination.Port, socket.IsInVrf));
            }
        }

        // a listener may have lost the key that its connection began with; wide prefixes are few
        ProtectedTraffic[] wide = [.. needed.Where(one => !one.Match.Remote.IsHost)];
        foreach (SocketPair pair in connections)
        {
            bool isCovered = needed.Contains(Listener(IpPrefix.Host(pair.Remote), pair.LocalPort, pair.Vrf != 0)) || Array.Exists(wide, one => one.Match.Matches(pair));
            if (!isCovered)
            {
                needed.Add(Peer(pair.Remote, pair.RemotePort, pair.Vrf != 0));
            }
        }

        return (needed, listening);
    }

    /// <summary>Takes all rules away.</summary>
    public void Remove() => rules.Remove();

    public void Dispose() => rules.Dispose();

    private bool IsInForce => _newTraffic.Count == 0 && _newListening.Count == 0;

    private void Committed()
    {
        _newTraffic.Clear();
        _newListening.Clear();
    }

    private NftModel Model(IReadOnlyCollection<ProtectedTraffic> traffic, IReadOnlyCollection<ushort> listening) =>
        new() { Traffic = traffic, SignedPorts = listening, FirstQueue = queue, LeavesRoom = true };
}
