using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>Builds the table of a policy's peers and finds ties in it.</summary>
public static class PeerTable
{
    /// <summary>
    /// Builds the table. Two peers tie if a match of one overlaps a match of the other and both are equally specific; the
    /// matches of one peer may overlap as they like, such as "remote port 179" and "local port 179".
    /// </summary>
    /// <param name="peers">Name, matches and value of each.</param>
    /// <param name="ties">One for each pair of peers that was found to tie; empty when the table is sound.</param>
    /// <returns>The table, or null when there are ties.</returns>
    /// <typeparam name="T">What a peer stands for.</typeparam>
    public static PeerTable<T>? Build<T>(
        IEnumerable<(string Name, ConnectionMatch[] Matches, T Value)> peers,
        out ImmutableArray<PeerTie> ties)
    {
        ArgumentNullException.ThrowIfNull(peers);
        MatchTableBuilder<T> table = new();
        PeerTieFinder finder = new();
        List<MatchBlock> blocks = [];
        int count = 0;
        foreach ((string name, ConnectionMatch[] matches, T value) in peers)
        {
            count++;
            finder.BeginPeer(name);
            foreach (ConnectionMatch match in matches)
            {
                MatchBlock.Decompose(match, blocks);
                finder.Add(match, blocks);
                table.Add(blocks, 0, match.Specificity, value);
            }
        }

        ties = [.. finder.Ties];
        return ties.IsEmpty ? new PeerTable<T>(table.Build(), count) : null;
    }
}

/// <summary>
/// The peers of a policy, and whose a connection is: of several that cover it the most specific (longest remote prefix, then
/// longest local prefix, then fewest pairs of ports, then bound to a VRF) owns it (RFC 5925 section 3.3, R-021, R-024).
/// </summary>
/// <remarks>An immutable snapshot: readers need no lock. Lookups allocate nothing and cost the same among 10 peers as among 100 000.</remarks>
/// <typeparam name="T">What a peer stands for.</typeparam>
public sealed class PeerTable<T>
{
    private readonly MatchTable<T> _table;

    internal PeerTable(MatchTable<T> table, int count)
    {
        _table = table;
        Count = count;
    }

    /// <summary>How many peers there are.</summary>
    public int Count { get; }

    /// <summary>The most hash tables that a lookup asks.</summary>
    internal int ShapeCount => _table.ShapeCount;

    /// <summary>Finds the peer that owns a connection.</summary>
    /// <param name="pair">The connection as we see it.</param>
    /// <param name="value">What the peer stands for; the default after false.</param>
    /// <returns>False if no peer covers the connection: it is not TCP-AO's .</returns>
    public bool TryFind(in SocketPair pair, [MaybeNullWhen(false)] out T value) => _table.TryFindBest(pair, 0, out value);
}
