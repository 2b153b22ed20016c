using System.Runtime.InteropServices;

namespace TcpAo.Keys;

/// <summary>
/// Answers "does something with this id already overlap here" by hash probes instead of a comparison with everything.
/// Two blocks overlap if they agree in the bits that both masks have; so each shape has, beside its own table, one per mask
/// that it was ever intersected with, made when first needed. Entries of one shape need one probe.
/// </summary>
/// <remarks>Serves R-018 for keys (the id is a SendID or a RecvID) and ties between peers (the id is a specificity).</remarks>
internal sealed class OverlapIndex
{
    private readonly List<Shape> _shapes = [];
    private readonly Dictionary<(MatchTuple Mask, IpFamily Family), Shape> _byMask = [];

    /// <summary>How many tables were asked; for the tests.</summary>
    public long Probes { get; private set; }

    /// <summary>An owner other than <paramref name="owner"/> that has the id in an overlapping block; -1 if there is none.</summary>
    public int FindOther(List<MatchBlock> blocks, int id, int owner)
    {
        foreach (ref readonly MatchBlock block in CollectionsMarshal.AsSpan(blocks))
        {
            foreach (Shape shape in _shapes)
            {
                if (shape.Family != block.Family && shape.Family != IpFamily.Any && block.Family != IpFamily.Any)
                {
                    continue;
                }

                Probes++;
                int other = shape.FindOther(block, id, owner);
                if (other >= 0)
                {
                    return other;
                }
            }
        }

        return -1;
    }

    /// <summary>Enters an owner, which <see cref="FindOther"/> found to be alone, or which overlaps itself.</summary>
    public void Add(List<MatchBlock> blocks, int id, int owner)
    {
        foreach (ref readonly MatchBlock block in CollectionsMarshal.AsSpan(blocks))
        {
            if (!_byMask.TryGetValue((block.Mask, block.Family), out Shape? shape))
            {
                shape = new Shape(block.Mask, block.Family);
                _byMask.Add((block.Mask, block.Family), shape);
                _shapes.Add(shape);
            }

            shape.Add(block.Value, id, owner);
        }
    }

    /// <summary>Takes out the only owner of the id in these blocks.</summary>
    public void Remove(List<MatchBlock> blocks, int id)
    {
        foreach (ref readonly MatchBlock block in CollectionsMarshal.AsSpan(blocks))
        {
            _byMask[(block.Mask, block.Family)].Remove(block.Value, id);
        }
    }

    /// <summary>The owner of the id exactly in this block; -1 if there is none.</summary>
    public int OwnerAt(in MatchBlock block, int id) =>
        _byMask.TryGetValue((block.Mask, block.Family), out Shape? shape) ? shape.OwnerAt(block.Value, id) : -1;

    // two owners are enough: whoever asks is at most one of them
    private readonly record struct Owners(int First, int Second);

    private sealed class Shape(MatchTuple mask, IpFamily family)
    {
        private readonly Dictionary<MatchTuple, Owners> _exact = [];
        private readonly Dictionary<MatchTuple, Dictionary<MatchTuple, Owners>> _coarser = [];

        public IpFamily Family => family;

        public int FindOther(in MatchBlock block, int id, int owner)
        {
            MatchTuple common = mask.And(block.Mask);
            if (!IndexFor(common).TryGetValue(block.Value.And(common) with { Id = id }, out Owners owners))
            {
                return -1;
            }

            return owners.First != owner ? owners.First : owners.Second;
        }

        public int OwnerAt(in MatchTuple value, int id) => _exact.TryGetValue(value with { Id = id }, out Owners owners) ? owners.First : -1;

        public void Add(in MatchTuple value, int id, int owner)
        {
            Enter(_exact, value with { Id = id }, owner);
            foreach ((MatchTuple common, Dictionary<MatchTuple, Owners> index) in _coarser)
            {
                Enter(index, value.And(common) with { Id = id }, owner);
            }
        }

        public void Remove(in MatchTuple value, int id)
        {
            _exact.Remove(value with { Id = id });

            // a coarser index knows two owners of perhaps more: made anew when next asked
            _coarser.Clear();
        }

        private static void Enter(Dictionary<MatchTuple, Owners> index, MatchTuple place, int owner)
        {
            ref Owners owners = ref CollectionsMarshal.GetValueRefOrAddDefault(index, place, out bool exists);
            if (!exists)
            {
                owners = new Owners(owner, -1);
            }
            else if (owners.Second < 0 && owners.First != owner)
            {
                owners = owners with { Second = owner };
            }
        }

        private Dictionary<MatchTuple, Owners> IndexFor(in MatchTuple common)
        {
            if (common == mask)
            {
                return _exact;
            }

            if (!_coarser.TryGetValue(common, out Dictionary<MatchTuple, Owners>? index))
            {
                index = [];
                foreach ((MatchTuple place, Owners owners) in _exact)
                {
                    Enter(index, place.And(common), owners.First);
                    if (owners.Second >= 0)
                    {
                        Enter(index, place.And(common), owners.Second);
                    }
                }

                _coarser.Add(common, index);
            }

            return index;
        }
    }
}
