namespace TcpAo.Keys;

/// <summary>The entries of one shape, that is: under one mask. Which key it hashes depends on the mask.</summary>
/// <typeparam name="TTuple">The tuple of the family.</typeparam>
/// <typeparam name="T">What an entry stands for.</typeparam>
internal abstract class ShapeTable<TTuple, T>(TTuple mask, long bestRank)
    where TTuple : struct, IMatchTuple<TTuple>
{
    /// <summary>Which bits of a pair count.</summary>
    public TTuple Mask { get; } = mask;

    /// <summary>The rank of the most specific entry.</summary>
    public long BestRank { get; } = bestRank;

    /// <summary>The index of the best entry for a masked tuple, and what it stands for; -1 if there is none.</summary>
    public abstract int Find(in TTuple masked, out T value);

    /// <summary>How specific the entry at <paramref name="index"/> is.</summary>
    public abstract long RankAt(int index);

    /// <summary>The next entry with the same tuple, and what it stands for; -1 after the last.</summary>
    public abstract int FindNext(int index, out T value);

    /// <summary>The most groups of slots that a search for something present looks at; for the tests.</summary>
    public abstract int LongestProbe();
}
