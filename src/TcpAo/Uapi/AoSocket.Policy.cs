// What the engine is told of a socket's keys.

using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Uapi;

public sealed partial class AoSocket
{
    private const int MaxPolicies = 4096;

    // by peer: our own address plays no part in a socket's keys, and ports, else 0, only where a key names them
    private readonly Dictionary<(IpAddressBits Remote, int Vrf, ushort LocalPort, ushort RemotePort), ConnectionPolicy?> _policies = [];

    // whether it connects or is connected, rather than listens
    private bool _isActive;

    /// <summary>Whom its keys are for: a prefix for each key, of TCP MD5 too where the engine does that; "any" where unsigned segments of everybody are refused.</summary>
    public IEnumerable<IpPrefix> Peers
    {
        get
        {
            IEnumerable<IpPrefix> peers = _keys.All.Select(key => PrefixOf(key.Address, key.PrefixLength));
            if (_space.Md5 == Md5Support.Engine)
            {
                peers = peers.Concat(_md5.Select(key => key.Prefix));
            }

            return AoRequired ? peers.Append(IpPrefix.Any) : peers;
        }
    }

    /// <summary>The keys and rules of a connection of this socket; null where it has none, so that its segments are unsigned.</summary>
    public ConnectionPolicy? Find(in SocketPair pair)
    {
        (ushort localPort, ushort remotePort) = _keys.HasPorts ? (pair.LocalPort, pair.RemotePort) : default;
        (IpAddressBits Remote, int Vrf, ushort LocalPort, ushort RemotePort) peer = (pair.Remote, pair.Vrf, localPort, remotePort);
        if (!_policies.TryGetValue(peer, out ConnectionPolicy? policy))
        {
            if (_policies.Count >= MaxPolicies)
            {
                _policies.Clear();
            }

            _policies[peer] = policy = MakePolicy(pair);
        }

        // its own keys come first; those of others may depend on ports
        return policy ?? _space.Defaults?.Find(pair);
    }

    /// <summary>
    /// A segment with TCP-AO came to a socket that has TCP-AO, but no key for its peer, so that <see cref="Find"/> gave nothing and the engine counted it for the
    /// namespace alone: Linux counts it for the socket too.
    /// </summary>
    public void CountKeyNotFound()
    {
        if (HasAo)
        {
            Counters.KeyNotFound++;
        }
    }

    private ConnectionPolicy? MakePolicy(in SocketPair pair)
    {
        List<SocketKey> keys = HasAo ? _keys.Matching(pair, pair.Vrf) : [];
        if (keys.Count == 0 && !AoRequired)
        {
            return _space.Md5 == Md5Support.Engine && FindMd5(pair.Remote, pair.Vrf) is { } md5
                ? new ConnectionPolicy(pair.ToString(), new KeyRing(md5.Key)) { Scope = KeyScope.Socket }
                : null;
        }

        SocketKey? current = keys.Find(key => ReferenceEquals(key, _current));
        SocketKey? rnext = keys.Find(key => ReferenceEquals(key, _rnext));
        return new ConnectionPolicy(pair.ToString(), new KeyRing(Usable(keys, current, rnext).Select(key => key.Key)))
        {
            Scope = KeyScope.Socket,
            AcceptIcmps = AcceptIcmps,
            HoldsKeysInUse = false,
            StartCurrentKey = _isActive ? current?.Key : null,
            StartRNextKey = _isActive ? rnext?.Key : null,
            Listener = _isActive ? null : _counters,
        };
    }

    /// <summary>
    /// The keys without those that could never be found. Linux lets a key for every VRF have the ids of one that is bound to a VRF; in there the newer one hides the other.
    /// </summary>
    private static IEnumerable<SocketKey> Usable(List<SocketKey> newestFirst, SocketKey? current, SocketKey? rnext)
    {
        HashSet<int> ids = [];
        HashSet<SocketKey> usable = [];
        foreach (SocketKey? key in newestFirst.Prepend(rnext).Prepend(current))
        {
            // SendIDs from 0, RecvIDs from 256
            if (key is not null && !usable.Contains(key) && !ids.Contains(key.Key.SendId) && !ids.Contains(256 + key.Key.RecvId))
            {
                ids.Add(key.Key.SendId);
                ids.Add(256 + key.Key.RecvId);
                usable.Add(key);
            }
        }

        return newestFirst.Where(usable.Contains);
    }
}
