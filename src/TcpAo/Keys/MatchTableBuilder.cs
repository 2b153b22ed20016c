using System.Runtime.InteropServices;

namespace TcpAo.Keys;

/// <summary>Collects what a <see cref="MatchTable{T}"/> is made of; used once.</summary>
/// <typeparam name="T">What an entry stands for.</typeparam>
internal sealed class MatchTableBuilder<T>
{
    private readonly Dictionary<MatchTupleV4, List<(MatchTupleV4 Tuple, long Rank, T Value)>> _v4 = [];
    private readonly Dictionary<MatchTuple, List<(MatchTuple Tuple, long Rank, T Value)>> _v6 = [];

    /// <summary>Adds one entry, which may be several blocks.</summary>
    /// <param name="blocks">The blocks of its match.</param>
    /// <param name="id">What a search must name beside the pair, 0 to 255.</param>
    /// <param name="rank">How specific it is; equal for all where at most one can match.</param>
    /// <param name="value">What the entry stands for.</param>
    public void Add(List<MatchBlock> blocks, int id, long rank, T value)
    {
        foreach (ref readonly MatchBlock block in CollectionsMarshal.AsSpan(blocks))
        {
            if (block.Family != IpFamily.IPv6)
            {
                Add(_v4, MatchTupleV4.Narrow(block.Mask), (MatchTupleV4.Narrow(block.Value) with { Id = id }, rank, value));
            }

            if (block.Family != IpFamily.IPv4)
            {
                Add(_v6, block.Mask, (block.Value with { Id = id }, rank, value));
            }
        }
    }

    /// <summary>Makes the table.</summary>
    public MatchTable<T> Build() => new(new ShapeList<MatchTupleV4, T>(_v4), new ShapeList<MatchTuple, T>(_v6));

    private static void Add<TTuple>(
        Dictionary<TTuple, List<(TTuple Tuple, long Rank, T Value)>> shapes,
        TTuple mask,
        (TTuple Tuple, long Rank, T Value) row)
        where TTuple : struct, IMatchTuple<TTuple>
    {
        if (!shapes.TryGetValue(mask, out List<(TTuple Tuple, long Rank, T Value)>? rows))
        {
            rows = [];
            shapes.Add(mask, rows);
        }

        rows.Add(row);
    }
}
