using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace TcpAo.Connections;

/// <summary>
/// The connections of one engine, bounded. Only a segment of ours or a SYN that verified adds to it, and our answers to unsigned SYNs do no more
/// than half fill it, so that strangers cannot keep out who has a key.
/// </summary>
/// <remarks>A hash table whose links are in the connections: their pair is the key, and is not kept a second time.</remarks>
internal sealed class ConnectionTable(int capacity, IConnectionStore? store = null)
{
    private const int LeastBuckets = 16;

    // as many as connections, or up to twice that; a power of two
    private AoConnection?[] _buckets = new AoConnection?[LeastBuckets];

    public int Count { get; private set; }

    public IEnumerable<AoConnection> All
    {
        get
        {
            foreach (AoConnection? first in _buckets)
            {
                for (AoConnection? connection = first; connection is not null; connection = connection.NextInTable)
                {
                    yield return connection;
                }
            }
        }
    }

    public bool TryFind(in SocketPair pair, [NotNullWhen(true)] out AoConnection? connection)
    {
        connection = BucketOf(pair);
        while (connection is not null && connection.Pair != pair)
        {
            connection = connection.NextInTable;
        }

        return connection is not null;
    }

    /// <summary>Adds a connection; false when the table is full.</summary>
    public bool TryAdd(AoConnection connection)
    {
        if (Count >= capacity || TryFind(connection.Pair, out _))
        {
            return false;
        }

        if (Count == _buckets.Length)
        {
            Grow();
        }

        Link(connection);
        Count++;
        return true;
    }

    /// <summary>Whether an unsigned connection may be remembered.</summary>
    public bool HasRoomForStrangers => Count < capacity / 2;

    public bool Remove(in SocketPair pair)
    {
        ref AoConnection? link = ref BucketOf(pair);
        AoConnection? before = null;
        AoConnection? connection = link;
        while (connection is not null && connection.Pair != pair)
        {
            before = connection;
            connection = connection.NextInTable;
        }

        if (connection is null)
        {
            return false;
        }

        if (before is null)
        {
            link = connection.NextInTable;
        }
        else
        {
            before.NextInTable = connection.NextInTable;
        }

        connection.NextInTable = null;
        Count--;
        connection.Erase();
        store?.Forget(connection);
        return true;
    }

    /// <summary>Forgets the connections whose deadline has passed and returns the earliest one that is left.</summary>
    public long RemoveExpired(long now)
    {
        long next = long.MaxValue;
        List<SocketPair>? expired = null;
        foreach (AoConnection connection in All)
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

    /// <summary>The first connection of a pair's bucket. A hash differs in its high bits for one port and in its low bits for the other: the product mixes them.</summary>
    private ref AoConnection? BucketOf(in SocketPair pair)
    {
        const uint GoldenRatio = 0x9E37_79B9;
        uint mixed = (uint)pair.GetHashCode() * GoldenRatio;
        return ref _buckets[mixed >> (32 - BitOperations.Log2((uint)_buckets.Length))];
    }

    private void Link(AoConnection connection)
    {
        ref AoConnection? first = ref BucketOf(connection.Pair);
        connection.NextInTable = first;
        first = connection;
    }

    private void Grow()
    {
        AoConnection?[] old = _buckets;
        _buckets = new AoConnection?[2 * old.Length];
        foreach (AoConnection? first in old)
        {
            AoConnection? connection = first;
            while (connection is not null)
            {
                AoConnection? next = connection.NextInTable;
                Link(connection);
                connection = next;
            }
        }
    }
}
