using System.Collections.Immutable;

namespace TcpAo.Keys;

/// <summary>
/// Collects master key tuples for a <see cref="MktTable"/> and refuses ids that overlap (RFC 5925 section 3.1, R-018). An
/// addition costs a hash probe per shape in the scope, whatever the number of tuples; a snapshot costs one pass over all.
/// </summary>
/// <remarks>Not for several threads at once. A scope that changes often keeps its builder, and publishes a snapshot when one is next needed.</remarks>
public sealed class MktTableBuilder
{
    private const int RecvIds = 256;

    private readonly OverlapIndex _overlaps = new();
    private readonly List<MasterKeyTuple?> _tuples = [];
    private readonly List<MatchBlock> _blocks = [];

    /// <summary>An empty builder.</summary>
    public MktTableBuilder()
    {
    }

    internal MktTableBuilder(MktTable table)
    {
        foreach (MasterKeyTuple tuple in table.Tuples)
        {
            MatchBlock.Decompose(tuple.Match, _blocks);
            Enter(tuple);
        }
    }

    /// <summary>How many tuples there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many hash tables additions have asked; for the tests.</summary>
    internal long Probes => _overlaps.Probes;

    /// <summary>Adds a tuple, unless its SendID or its RecvID is taken for a connection that it matches .</summary>
    public MktAddResult TryAdd(MasterKeyTuple tuple)
    {
        ArgumentNullException.ThrowIfNull(tuple);
        MatchBlock.Decompose(tuple.Match, _blocks);
        int other = _overlaps.FindOther(_blocks, tuple.Key.SendId, owner: -1);
        if (other < 0)
        {
            other = _overlaps.FindOther(_blocks, RecvIds + tuple.Key.RecvId, owner: -1);
        }

        if (other >= 0)
        {
            return new MktAddResult(_tuples[other]);
        }

        Enter(tuple);
        return default;
    }

    /// <summary>Takes out a tuple, that very object.</summary>
    /// <returns>False if it is not there.</returns>
    public bool Remove(MasterKeyTuple tuple)
    {
        ArgumentNullException.ThrowIfNull(tuple);
        MatchBlock.Decompose(tuple.Match, _blocks);
        int index = _overlaps.OwnerAt(_blocks[0], tuple.Key.SendId);
        if (index < 0 || !ReferenceEquals(_tuples[index], tuple))
        {
            return false;
        }

        _overlaps.Remove(_blocks, tuple.Key.SendId);
        _overlaps.Remove(_blocks, RecvIds + tuple.Key.RecvId);
        _tuples[index] = null;
        Count--;
        return true;
    }

    /// <summary>A snapshot of what is in the builder, which can be used on.</summary>
    public MktTable Build() => Count == 0 ? MktTable.Empty : new MktTable([.. _tuples.OfType<MasterKeyTuple>()]);

    private void Enter(MasterKeyTuple tuple)
    {
        _overlaps.Add(_blocks, tuple.Key.SendId, _tuples.Count);
        _overlaps.Add(_blocks, RecvIds + tuple.Key.RecvId, _tuples.Count);
        _tuples.Add(tuple);
        Count++;
    }
}
