using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace TcpAo.Keys;

/// <summary>
/// A shape's hash table. Open addressing over groups of eight 32-bit slots, part index and part fingerprint: a search compares
/// a group at once, and touches an entry only when its fingerprint fits.
/// </summary>
/// <typeparam name="TTuple">The tuple of the family.</typeparam>
/// <typeparam name="TKey">What is left of the tuple under the mask.</typeparam>
/// <typeparam name="T">What an entry stands for.</typeparam>
internal sealed class KeyedShapeTable<TTuple, TKey, T> : ShapeTable<TTuple, T>
    where TTuple : struct, IMatchTuple<TTuple>
    where TKey : struct, IMatchKey<TTuple, TKey>
{
    private const int GroupSize = 8;
    private const int SlotsPerEntry = 2;

    // per slot the index of an entry and, above it, a part of the hash; 0 is empty
    private readonly uint[] _slots;
    private readonly uint _indexMask;
    private readonly Entry[] _entries;

    // null when all entries are of one rank, the usual case
    private readonly long[]? _ranks;

    // index + 1 of the next entry with the same key, 0 at the end; null when all keys differ
    private readonly int[]? _next;

    /// <summary>Builds the table; of entries with an equal tuple the highest rank comes first, then the last added.</summary>
    public KeyedShapeTable(TTuple mask, List<(TTuple Tuple, long Rank, T Value)> rows)
        : base(mask, rows.Max(static row => row.Rank))
    {
        Debug.Assert(rows.Count > 0, "A shape exists because something has it.");
        if (rows.Exists(row => row.Rank != BestRank))
        {
            // stable, so that the last added stays last
            rows = [.. rows.OrderBy(static row => row.Rank)];
            _ranks = [.. rows.Select(static row => row.Rank)];
        }

        _entries = new Entry[rows.Count];
        _slots = new uint[((rows.Count * SlotsPerEntry / GroupSize) + 1) * GroupSize];
        _indexMask = BitOperations.RoundUpToPowerOf2((uint)rows.Count) - 1;
        for (int i = 0; i < rows.Count; i++)
        {
            _entries[i] = new Entry { Key = TKey.Pack(rows[i].Tuple), Value = rows[i].Value };
            int next = Insert(i);
            if (next >= 0)
            {
                _next ??= new int[rows.Count];
                _next[i] = next + 1;
            }
        }
    }

    public override int Find(in TTuple masked, out T value)
    {
        TKey key = TKey.Pack(masked);
        ulong hash = key.Hash();
        uint indexMask = _indexMask;
        Vector256<uint> fingerprint = Vector256.Create(Fingerprint(hash, indexMask));
        Vector256<uint> ignored = Vector256.Create(indexMask);
        int position = Start(hash, _slots.Length);
        while (true)
        {
            // one comparison of the whole group, so that there is no run of branches to guess wrong
            ReadOnlySpan<uint> slots = _slots.AsSpan(position, GroupSize);
            Vector256<uint> group = Vector256.Create(slots);
            uint candidates = Vector256.Equals(Vector256.AndNot(group, ignored), fingerprint).ExtractMostSignificantBits();
            while (candidates != 0)
            {
                int index = (int)(slots[BitOperations.TrailingZeroCount(candidates)] & indexMask);
                ref readonly Entry entry = ref _entries[index];
                if (entry.Key.Equals(key))
                {
                    value = entry.Value;
                    return index;
                }

                candidates &= candidates - 1;
            }

            // groups fill from the front: the last slot tells whether the search goes on
            if (slots[GroupSize - 1] == 0)
            {
                value = default!;
                return -1;
            }

            position = Next(position);
        }
    }

    public override long RankAt(int index) => _ranks is null ? BestRank : _ranks[index];

    public override int FindNext(int index, out T value)
    {
        int next = _next is null ? -1 : _next[index] - 1;
        value = next < 0 ? default! : _entries[next].Value;
        return next;
    }

    public override int LongestProbe()
    {
        int longest = 0;
        foreach (ref readonly Entry entry in _entries.AsSpan())
        {
            int groups = 1;
            for (int position = Start(entry.Key.Hash(), _slots.Length); !HasKey(position, entry.Key); position = Next(position))
            {
                groups++;
            }

            longest = Math.Max(longest, groups);
        }

        return longest;
    }

    private static int Start(ulong hash, int slots) => (int)(((hash >> 32) * (ulong)(uint)(slots / GroupSize)) >> 32) * GroupSize;

    // the top bit is set, so that an empty slot never looks like a fingerprint
    private static uint Fingerprint(ulong hash, uint indexMask) => ((uint)hash | 0x8000_0000) & ~indexMask;

    private int Next(int position) => position + GroupSize == _slots.Length ? 0 : position + GroupSize;

    private bool HasKey(int position, in TKey key)
    {
        foreach (uint slot in _slots.AsSpan(position, GroupSize))
        {
            if (slot != 0 && _entries[(int)(slot & _indexMask)].Key.Equals(key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Enters the entry at <paramref name="index"/>, before one with the same key, whose index it returns; -1 if there is none.</summary>
    private int Insert(int index)
    {
        TKey key = _entries[index].Key;
        ulong hash = key.Hash();
        uint marked = Fingerprint(hash, _indexMask) | (uint)index;
        for (int position = Start(hash, _slots.Length); ; position = Next(position))
        {
            foreach (ref uint slot in _slots.AsSpan(position, GroupSize))
            {
                if (slot == 0)
                {
                    slot = marked;
                    return -1;
                }

                int before = (int)(slot & _indexMask);
                if (((slot ^ marked) & ~_indexMask) == 0 && _entries[before].Key.Equals(key))
                {
                    slot = marked;
                    return before;
                }
            }
        }
    }

    private struct Entry
    {
        public TKey Key;
        public T Value;
    }
}
