using System.Diagnostics;
using System.Numerics;

namespace TcpAo.Keys;

/// <summary>
/// The entries of one shape, that is: under one mask. Open addressing over 32-bit slots, part index and part fingerprint:
/// a slot line holds 16 of them, and an entry is touched only when its fingerprint fits.
/// </summary>
/// <typeparam name="TTuple">The tuple of the family.</typeparam>
/// <typeparam name="T">What an entry stands for.</typeparam>
internal sealed class ShapeTable<TTuple, T>
    where TTuple : struct, IMatchTuple<TTuple>
{
    private readonly uint[] _slots;
    private readonly uint _indexMask;
    private readonly Entry[] _entries;

    // null when all entries are of one rank, the usual case
    private readonly long[]? _ranks;

    /// <summary>Builds the table; of entries with an equal tuple and id the highest rank comes first, then the last added.</summary>
    public ShapeTable(TTuple mask, List<(TTuple Tuple, int Id, long Rank, T Value)> rows)
    {
        Debug.Assert(rows.Count > 0, "A shape exists because something has it.");
        Mask = mask;
        BestRank = rows.Max(static row => row.Rank);
        if (rows.Exists(row => row.Rank != BestRank))
        {
            // stable, so that the last added stays last
            rows = [.. rows.OrderBy(static row => row.Rank)];
            _ranks = [.. rows.Select(static row => row.Rank)];
        }

        _entries = new Entry[rows.Count];
        _slots = new uint[rows.Count * 2];
        _indexMask = (uint)(BitOperations.RoundUpToPowerOf2((ulong)rows.Count + 1) - 1);
        for (int i = 0; i < rows.Count; i++)
        {
            Insert(i, rows[i].Tuple, rows[i].Id, rows[i].Value);
        }
    }

    /// <summary>Which bits of a pair count.</summary>
    public TTuple Mask { get; }

    /// <summary>The rank of the most specific entry.</summary>
    public long BestRank { get; }

    /// <summary>The index of the first entry for a tuple, already masked, and an id; -1 if there is none.</summary>
    public int Find(in TTuple masked, int id)
    {
        ulong hash = masked.Hash(id);
        uint[] slots = _slots;
        uint indexMask = _indexMask;
        uint position = Start(hash, slots.Length);
        while (true)
        {
            uint slot = slots[position];
            if (slot == 0)
            {
                return -1;
            }

            if (((slot ^ (uint)hash) & ~indexMask) == 0)
            {
                int index = (int)(slot & indexMask) - 1;
                ref readonly Entry entry = ref _entries[index];
                if (entry.Id == id && entry.Tuple.Equals(masked))
                {
                    return index;
                }
            }

            position = position + 1 == (uint)slots.Length ? 0 : position + 1;
        }
    }

    /// <summary>What the entry at <paramref name="index"/> stands for.</summary>
    public T ValueAt(int index) => _entries[index].Value;

    /// <summary>How specific the entry at <paramref name="index"/> is.</summary>
    public long RankAt(int index) => _ranks is null ? BestRank : _ranks[index];

    /// <summary>The next entry with the same tuple and id; -1 after the last.</summary>
    public int NextAt(int index) => _entries[index].Next - 1;

    /// <summary>The most slots that a search for something present looks at; for the tests.</summary>
    public int LongestProbe()
    {
        int longest = 0;
        foreach (ref readonly Entry entry in _entries.AsSpan())
        {
            uint start = Start(entry.Tuple.Hash(entry.Id), _slots.Length);
            uint run = 0;
            while (_slots[(start + run) % (uint)_slots.Length] != 0 && !IsAt((start + run) % (uint)_slots.Length, entry))
            {
                run++;
            }

            longest = Math.Max(longest, (int)run + 1);
        }

        return longest;
    }

    private static uint Start(ulong hash, int slots) => (uint)(((hash >> 32) * (ulong)(uint)slots) >> 32);

    private bool IsAt(uint position, in Entry entry)
    {
        ref readonly Entry head = ref _entries[(int)(_slots[position] & _indexMask) - 1];
        return head.Id == entry.Id && head.Tuple.Equals(entry.Tuple);
    }

    private void Insert(int index, in TTuple tuple, int id, T value)
    {
        ulong hash = tuple.Hash(id);
        uint marked = ((uint)hash & ~_indexMask) | (uint)(index + 1);
        _entries[index] = new Entry { Tuple = tuple, Value = value, Id = id };
        uint position = Start(hash, _slots.Length);
        while (_slots[position] != 0)
        {
            if (IsAt(position, _entries[index]))
            {
                _entries[index].Next = (int)(_slots[position] & _indexMask);
                break;
            }

            position = position + 1 == (uint)_slots.Length ? 0 : position + 1;
        }

        _slots[position] = marked;
    }

    private struct Entry
    {
        public TTuple Tuple;
        public T Value;
        public int Id;

        // index + 1, so that 0 is the end
        public int Next;
    }
}
