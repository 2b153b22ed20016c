using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>
/// Keys by socket: each connected socket has keys of its own, and a listening one those that its connections begin with. Not thread-safe; owned by
/// the stack that calls the engine.
/// </summary>
public sealed class SocketKeySource : IKeySource
{
    private readonly Dictionary<SocketPair, IKeySource> _connected = [];
    private readonly Dictionary<(IpAddressBits Address, ushort Port), IKeySource> _listeners = [];

    /// <summary>Sets the keys of a listening socket; its existing connections keep theirs, as on Linux.</summary>
    /// <param name="address">Its address, <c>::</c> for any.</param>
    /// <param name="port">Its port.</param>
    /// <param name="keys">Its keys, each with the peers that it is for.</param>
    /// <param name="aoRequired">Whether unsigned segments of peers without a key are refused too (Linux: <c>ao_required</c>).</param>
    public void SetListener(IpAddressBits address, ushort port, MktTable keys, bool aoRequired = false)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _listeners[(address, port)] = new Listener(keys, aoRequired);
    }

    /// <summary>Sets what answers for a listening socket, such as an <see cref="Uapi.AoSocket"/>.</summary>
    /// <param name="address">Its address, <c>::</c> for any.</param>
    /// <param name="port">Its port.</param>
    /// <param name="keys">Answers for the pairs of its connections.</param>
    public void SetListener(IpAddressBits address, ushort port, IKeySource keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _listeners[(address, port)] = keys;
    }

    /// <summary>A listening socket is gone; connections of it that nobody has taken yet have keys of their own.</summary>
    public void RemoveListener(IpAddressBits address, ushort port) => _listeners.Remove((address, port));

    /// <summary>Sets what answers for a connection's socket, such as an <see cref="Uapi.AoSocket"/>.</summary>
    public void SetConnected(in SocketPair pair, IKeySource keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _connected[pair] = keys;
    }

    /// <summary>Sets the keys of a connection's socket: of <paramref name="keys"/>, those that match it.</summary>
    /// <returns>False when none matches (Linux: EKEYREJECTED from connect).</returns>
    public bool SetConnected(in SocketPair pair, MktTable keys, bool aoRequired = false)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ConnectionPolicy? policy = PolicyFor(pair, keys, aoRequired);
        if (policy is null)
        {
            return false;
        }

        _connected[pair] = new Fixed(policy);
        return true;
    }

    /// <summary>A socket is gone.</summary>
    public void Remove(in SocketPair pair) => _connected.Remove(pair);

    /// <inheritdoc/>
    public ConnectionPolicy? Find(in SocketPair pair)
    {
        if (_connected.TryGetValue(pair, out IKeySource? socket))
        {
            return socket.Find(pair);
        }

        if (!_listeners.TryGetValue((pair.Local, pair.LocalPort), out IKeySource? listener) && !_listeners.TryGetValue((default, pair.LocalPort), out listener))
        {
            return null;
        }

        // the keys that match are gathered once for each set of them, not for each segment
        return listener.Find(pair);
    }

    private static ConnectionPolicy? PolicyFor(in SocketPair pair, MktTable keys, bool aoRequired)
    {
        MasterKeyTuple[] matching = new MasterKeyTuple[MktTable.MaxMatching];
        int count = keys.GetMatching(pair, matching);
        if (count == 0 && !aoRequired)
        {
            return null;
        }

        return new ConnectionPolicy(pair.ToString(), new KeyRing(matching.Take(count).Select(mkt => mkt.Key)))
        {
            Scope = KeyScope.Socket,
            Nat = count > 0 ? matching[0].Nat : NatSides.None,
        };
    }

    private sealed class Fixed(ConnectionPolicy policy) : IKeySource
    {
        public ConnectionPolicy? Find(in SocketPair pair) => policy;
    }

    private sealed class Listener(MktTable keys, bool aoRequired) : IKeySource
    {
        private const int MaxCached = 4096;

        private readonly Dictionary<SocketPair, ConnectionPolicy?> _cache = [];

        public ConnectionPolicy? Find(in SocketPair pair)
        {
            if (!_cache.TryGetValue(pair, out ConnectionPolicy? policy))
            {
                if (_cache.Count >= MaxCached)
                {
                    _cache.Clear();
                }

                _cache[pair] = policy = PolicyFor(pair, keys, aoRequired);
            }

            return policy;
        }
    }
}
