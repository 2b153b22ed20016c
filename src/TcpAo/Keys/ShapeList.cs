using TcpAo.Connections;

namespace TcpAo.Keys;

/// <summary>The shapes of one family, the most specific first: a search asks each once, and stops when none can be better.</summary>
/// <typeparam name="TTuple">The tuple of the family.</typeparam>
/// <typeparam name="T">What an entry stands for.</typeparam>
internal sealed class ShapeList<TTuple, T>
    where TTuple : struct, IMatchTuple<TTuple>
{
    private readonly ShapeTable<TTuple, T>[] _shapes;

    public ShapeList(Dictionary<TTuple, List<(TTuple Tuple, long Rank, T Value)>> rows) =>
        _shapes = [.. rows.Select(static shape => TTuple.CreateTable(shape.Key, shape.Value)).OrderByDescending(static shape => shape.BestRank)];

    public int Count => _shapes.Length;

    public int LongestProbe() => _shapes.Length == 0 ? 0 : _shapes.Max(static shape => shape.LongestProbe());

    /// <summary>Finds the entry of the highest rank.</summary>
    public bool TryFindBest(in SocketPair pair, int id, out T value)
    {
        TTuple tuple = TTuple.From(pair, id);
        value = default!;
        long best = -1;
        foreach (ShapeTable<TTuple, T> shape in _shapes)
        {
            if (shape.BestRank <= best)
            {
                break;
            }

            int index = shape.Find(tuple.And(shape.Mask), out T candidate);
            if (index >= 0 && shape.RankAt(index) > best)
            {
                best = shape.RankAt(index);
                value = candidate;
            }
        }

        return best >= 0;
    }

    /// <summary>Finds every entry, in no order; returns how many there are, even if more than fit.</summary>
    public int FindAll(in SocketPair pair, int id, Span<T> values)
    {
        TTuple tuple = TTuple.From(pair, id);
        int count = 0;
        foreach (ShapeTable<TTuple, T> shape in _shapes)
        {
            for (int index = shape.Find(tuple.And(shape.Mask), out T value); index >= 0; index = shape.FindNext(index, out value))
            {
                if (count < values.Length)
                {
                    values[count] = value;
                }

                count++;
            }
        }

        return count;
    }
}
