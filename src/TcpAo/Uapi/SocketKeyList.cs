using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Uapi;

/// <summary>
/// The keys of a socket in Linux' order: the last linked first. A look-up for a peer costs the keys of that peer and those of prefixes, however many other
/// peers have keys.
/// </summary>
internal sealed class SocketKeyList
{
    private readonly LinkedList<SocketKey> _all = [];
    private readonly Dictionary<SocketKey, (LinkedListNode<SocketKey> Node, long Order)> _places = [];
    private readonly Dictionary<IpAddressBits, List<SocketKey>> _hosts = [];
    private readonly List<SocketKey> _prefixes = [];
    private long _next;
    private int _withPorts;

    public int Count => _all.Count;

    /// <summary>Whether ports play a part for any of them.</summary>
    public bool HasPorts => _withPorts > 0;

    /// <summary>Newest first.</summary>
    public IEnumerable<SocketKey> All => _all;

    public void AddFirst(SocketKey key)
    {
        _places.Add(key, (_all.AddFirst(key), _next++));
        _withPorts += key.Ports.IsAny ? 0 : 1;
        if (!key.IsHost)
        {
            _prefixes.Add(key);
        }
        else if (_hosts.TryGetValue(key.Address, out List<SocketKey>? keys))
        {
            keys.Add(key);
        }
        else
        {
            _hosts.Add(key.Address, [key]);
        }
    }

    public void Remove(SocketKey key)
    {
        _places.Remove(key, out (LinkedListNode<SocketKey> Node, long Order) place);
        _all.Remove(place.Node);
        _withPorts -= key.Ports.IsAny ? 0 : 1;
        if (!key.IsHost)
        {
            _prefixes.Remove(key);
        }
        else if (_hosts[key.Address] is var keys && keys.Remove(key) && keys.Count == 0)
        {
            _hosts.Remove(key.Address);
        }
    }

    public void Clear()
    {
        _all.Clear();
        _places.Clear();
        _hosts.Clear();
        _prefixes.Clear();
        _withPorts = 0;
    }

    /// <summary>The keys for a peer, newest first.</summary>
    public List<SocketKey> Matching(IpAddressBits peer, int l3Index)
    {
        if (SockAddr.IsAny(peer))
        {
            return [.. _all.Where(key => key.Matches(peer, l3Index))];
        }

        List<SocketKey> found = [.. _prefixes.Where(key => key.Matches(peer, l3Index))];
        if (_hosts.TryGetValue(peer, out List<SocketKey>? hosts))
        {
            found.AddRange(hosts.Where(key => key.Matches(peer, l3Index)));
        }

        found.Sort((a, b) => _places[b].Order.CompareTo(_places[a].Order));
        return found;
    }

    /// <summary>The keys for a connection, newest first.</summary>
    public List<SocketKey> Matching(in SocketPair pair, int l3Index)
    {
        List<SocketKey> found = Matching(pair.Remote, l3Index);
        if (HasPorts)
        {
            (ushort local, ushort remote) = (pair.LocalPort, pair.RemotePort);
            found.RemoveAll(key => !key.Ports.Contains(local, remote));
        }

        return found;
    }

    /// <summary>Whether a key for some connection with a peer of a prefix has one of the ids .</summary>
    public bool HasOverlap(IpAddressBits address, int prefixLength, int l3Index, (byte Send, byte Recv) ids, KeyPorts ports)
    {
        bool isHost = prefixLength == (address.IsIPv4 ? 32 : 128);
        return isHost
            ? _prefixes.Exists(IsOther) || (_hosts.TryGetValue(address, out List<SocketKey>? keys) && keys.Exists(IsOther))
            : _all.Any(IsOther);

        bool IsOther(SocketKey key) =>
            (key.Key.SendId == ids.Send || key.Key.RecvId == ids.Recv)
            && key.Overlaps(address, prefixLength, l3Index)
            && key.Ports.Overlaps(ports);
    }

    public SocketKey? FindBySendId(byte sendId) => _all.FirstOrDefault(key => key.Key.SendId == sendId);

    public SocketKey? FindByRecvId(byte recvId) => _all.FirstOrDefault(key => key.Key.RecvId == recvId);

    public SocketKey? Find(AoKey? key) => key is null ? null : _all.FirstOrDefault(candidate => ReferenceEquals(candidate.Key, key));
}
