using System.Diagnostics.CodeAnalysis;

namespace TcpAo.Connections;

/// <summary>
/// The connections of one engine, bounded. Only a segment of ours or a SYN that verified adds to it, and our answers to unsigned SYNs do no more
/// than half fill it, so that strangers cannot keep out who has a key.
/// </summary>
internal sealed class ConnectionTable(int capacity, IConnectionStore? store = null)
{
    private readonly Dictionary<SocketPair, AoConnection> _connections = [];

    public int Count => _connections.Count;

    public IEnumerable<AoConnection> All => _connections.Values;

    public bool TryFind(in SocketPair pair, [NotNullWhen(true)] out AoConnection? connection) => _connections.TryGetValue(pair, out connection);

    /// <summary>Adds a connection; false when the table is full.</summary>
    public bool TryAdd(AoConnection connection) => _connections.Count < capacity && _connections.TryAdd(connection.Pair, connection);

    /// <summary>Whether an unsigned connection may be remembered.</summary>
    public bool HasRoomForStrangers => _connections.Count < capacity / 2;

    public bool Remove(in SocketPair pair)
    {
        if (!_connections.Remove(pair, out AoConnection? connection))
        {
            return false;
        }

        connection.Erase();
        store?.Forget(connection);
        return true;
    }

    /// <summary>Forgets the connections whose deadline has passed and returns the earliest one that is left.</summary>
    public long RemoveExpired(long now)
    {
        long next = long.MaxValue;
        List<SocketPair>? expired = null;
        foreach (AoConnection connection in _connections.Values)
        {
            if (connection.Deadline <= now)
            {
                (expired ??= []).Add(connection.Pair);
            }
            else
            {
                next = Math.Min(next, connection.Deadline);
            }
        }

        if (expired is not null)
        {
            foreach (SocketPair pair in expired)
            {
                Remove(pair);
            }
        }

        return next;
    }
}
