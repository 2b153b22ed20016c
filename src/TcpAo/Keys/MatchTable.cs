using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>
/// Tuple-space search: entries grouped by shape, the masks that they match under; a search asks one hash table per shape, so
/// that its cost grows with the shapes, which are few, and not with the entries. Immutable; made by
/// <see cref="MatchTableBuilder{T}"/>. An entry has an id, 0 where none is needed, that a search must name.
/// </summary>
/// <remarks>A range of ports is several shapes, since it comes apart into aligned blocks; see <see cref="MatchBlock"/>.</remarks>
/// <typeparam name="T">What an entry stands for.</typeparam>
internal sealed class MatchTable<T>(ShapeList<MatchTupleV4, T> v4, ShapeList<MatchTuple, T> v6)
{
    /// <summary>The most hash tables that a search asks.</summary>
    public int ShapeCount => Math.Max(v4.Count, v6.Count);

    /// <summary>The most groups of slots that a search for something present looks at in one hash table.</summary>
    public int LongestProbe() => Math.Max(v4.LongestProbe(), v6.LongestProbe());

    /// <summary>Finds the most specific entry for a pair; allocates nothing.</summary>
    public bool TryFindBest(in SocketPair pair, int id, out T value) =>
        pair.Remote.IsIPv4 ? v4.TryFindBest(pair, id, out value) : v6.TryFindBest(pair, id, out value);

    /// <summary>Finds every entry for a pair, in no order; allocates nothing. Returns how many there are, even if more than fit.</summary>
    public int FindAll(in SocketPair pair, int id, Span<T> values) =>
        pair.Remote.IsIPv4 ? v4.FindAll(pair, id, values) : v6.FindAll(pair, id, values);
}
