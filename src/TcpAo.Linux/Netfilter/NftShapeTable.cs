using TcpAo.Keys;

namespace TcpAo.Linux.Netfilter;

/// <summary>Sorts traffic by shape: one hash set for each.</summary>
internal sealed class NftShapeTable
{
    private readonly Dictionary<NftShape, HashSet<byte[]>> _sets = [];

    public NftShapeTable(IEnumerable<ProtectedTraffic> traffic)
    {
        foreach (ProtectedTraffic one in traffic)
        {
            IpFamily family = one.Match.Family;
            if (family != IpFamily.IPv6)
            {
                Add(one, isIPv6: false);
            }

            if (family != IpFamily.IPv4)
            {
                Add(one, isIPv6: true);
            }
        }

        // the order of the rules is that of the file for a given content; it does not matter to what they match
        Sets = [.. _sets.Select((pair, index) => new NftShapeSet($"{(pair.Key.IsIPv6 ? "v6" : "v4")}-{index}", pair.Key, pair.Value))];
    }

    public IReadOnlyList<NftShapeSet> Sets { get; }

    private void Add(ProtectedTraffic traffic, bool isIPv6)
    {
        ConnectionMatch match = traffic.Match;
        NftPortTest remotePort = NftPortTest.From(match.RemotePort, out ushort remoteValue);
        NftPortTest localPort = NftPortTest.From(match.LocalPort, out ushort localValue);
        NftShape shape = new(isIPv6, match.Remote.PrefixLength, match.Local.PrefixLength, remotePort, localPort, traffic.Interface is not null, IsInVrf: traffic.IsInVrf);
        Put(shape);
        Put(shape.WithoutPorts);
        Put(shape.WithoutInterface);
        Put(shape.WithoutPorts.WithoutInterface);

        void Put(NftShape one)
        {
            if (!_sets.TryGetValue(one, out HashSet<byte[]>? keys))
            {
                keys = new HashSet<byte[]>(KeyComparer.Instance);
                _sets.Add(one, keys);
            }

            keys.Add(one.Key(traffic, remoteValue, localValue));
        }
    }

    private sealed class KeyComparer : IEqualityComparer<byte[]>
    {
        public static KeyComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj)
        {
            HashCode hash = default;
            hash.AddBytes(obj);
            return hash.ToHashCode();
        }
    }
}
