using System.Collections.Immutable;
using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>
/// The master key tuples of one scope, a socket or a network namespace, and which of them a connection has
/// (RFC 5925 sections 3.1 and 3.3; ). Leaves out which of several a connection signs with.
/// </summary>
/// <remarks>
/// An immutable snapshot: readers need no lock, a writer swaps the reference. Lookups allocate nothing and cost the same among
/// 10 tuples as among 100 000. Adding or removing costs a copy; whoever has many to add uses <see cref="MktTableBuilder"/>.
/// </remarks>
public sealed class MktTable
{
    /// <summary>The most tuples that one connection can match: there are no more SendIDs .</summary>
    public const int MaxMatching = 256;

    private readonly MatchTable<MasterKeyTuple> _byRecvId;
    private readonly MatchTable<MasterKeyTuple> _bySendId;
    private readonly MatchTable<int> _byPair;

    internal MktTable(ImmutableArray<MasterKeyTuple> tuples)
    {
        Tuples = tuples;
        MatchTableBuilder<MasterKeyTuple> byRecvId = new();
        MatchTableBuilder<MasterKeyTuple> bySendId = new();
        MatchTableBuilder<int> byPair = new();
        List<MatchBlock> blocks = [];
        for (int i = 0; i < tuples.Length; i++)
        {
            MatchBlock.Decompose(tuples[i].Match, blocks);

            // one rank for all: for a pair and an id there is at most one tuple
            byRecvId.Add(blocks, tuples[i].Key.RecvId, 0, tuples[i]);
            bySendId.Add(blocks, tuples[i].Key.SendId, 0, tuples[i]);
            byPair.Add(blocks, 0, 0, i);
        }

        _byRecvId = byRecvId.Build();
        _bySendId = bySendId.Build();
        _byPair = byPair.Build();
    }

    /// <summary>No tuple.</summary>
    public static MktTable Empty { get; } = new([]);

    /// <summary>All tuples, in the order in which they were added.</summary>
    public ImmutableArray<MasterKeyTuple> Tuples { get; }

    /// <summary>How many tuples there are.</summary>
    public int Count => Tuples.Length;

    /// <summary>The most hash tables that a lookup asks.</summary>
    internal int ShapeCount => _byPair.ShapeCount;

    /// <summary>The most groups of slots that a lookup of something present looks at in one hash table.</summary>
    internal int LongestProbe => Math.Max(_byPair.LongestProbe(), Math.Max(_byRecvId.LongestProbe(), _bySendId.LongestProbe()));

    /// <summary>The table with one tuple more, unless its ids overlap with another's .</summary>
    /// <param name="tuple">The tuple; a second time is an overlap with itself.</param>
    /// <param name="table">The new table, or this one when nothing was added.</param>
    public MktAddResult TryAdd(MasterKeyTuple tuple, out MktTable table)
    {
        ArgumentNullException.ThrowIfNull(tuple);
        table = this;
        foreach (MasterKeyTuple other in Tuples)
        {
            if ((other.Key.SendId == tuple.Key.SendId || other.Key.RecvId == tuple.Key.RecvId) && other.Match.Overlaps(tuple.Match))
            {
                return new MktAddResult(other);
            }
        }

        table = new MktTable(Tuples.Add(tuple));
        return default;
    }

    /// <summary>The table without <paramref name="tuple"/>; this table if it does not hold that very object.</summary>
    public MktTable Remove(MasterKeyTuple tuple)
    {
        ArgumentNullException.ThrowIfNull(tuple);
        ImmutableArray<MasterKeyTuple> rest = Tuples.Remove(tuple);
        return rest.Length == Tuples.Length ? this : new MktTable(rest);
    }

    /// <summary>A builder that begins with what is in this table.</summary>
    public MktTableBuilder ToBuilder() => new(this);

    /// <summary>
    /// The tuple that verifies an incoming segment, chosen by socket pair and KeyID alone; null if there is none.
    /// </summary>
    /// <param name="pair">The connection as we see it: the segment's destination is local.</param>
    /// <param name="recvId">The KeyID in the segment.</param>
    public MasterKeyTuple? FindByRecvId(in SocketPair pair, byte recvId) =>
        _byRecvId.TryFindBest(pair, recvId, out MasterKeyTuple tuple) ? tuple : null;

    /// <summary>The tuple that the peer asks for with an RNextKeyID (RFC 5925 section 7.5), by socket pair and SendID; null if there is none.</summary>
    /// <param name="pair">The connection as we see it.</param>
    /// <param name="sendId">The RNextKeyID in the peer's segment.</param>
    public MasterKeyTuple? FindBySendId(in SocketPair pair, byte sendId) =>
        _bySendId.TryFindBest(pair, sendId, out MasterKeyTuple tuple) ? tuple : null;

    /// <summary>
    /// Every tuple that matches a connection, the last added first: the order in which Linux finds its "first key"
    /// (linux-uapi 4.2). A prefix's length plays no part in it.
    /// </summary>
    /// <param name="pair">The connection as we see it.</param>
    /// <param name="newestFirst">Takes the tuples; room for <see cref="MaxMatching"/> is always enough, and with less the oldest are left out.</param>
    /// <returns>How many match, which may be more than fit.</returns>
    public int GetMatching(in SocketPair pair, Span<MasterKeyTuple> newestFirst)
    {
        Span<int> indices = stackalloc int[MaxMatching];
        indices = indices[.._byPair.FindAll(pair, 0, indices)];
        indices.Sort();
        for (int i = 0; i < Math.Min(indices.Length, newestFirst.Length); i++)
        {
            newestFirst[i] = Tuples[indices[^(i + 1)]];
        }

        return indices.Length;
    }
}
