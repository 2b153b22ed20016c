using TcpAo.Keys;

namespace TcpAo.Linux.Netfilter;

/// <summary>Sorts traffic by shape: one hash set for each.</summary>
internal sealed class NftShapeTable
{
    private readonly Dictionary<NftShape, HashSet<byte[]>> _sets = [];
    private readonly Dictionary<NftShape, HashSet<byte[]>> _remotes = [];

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
        Remotes = [.. _remotes.Where(pair => pair.Key.RemoteLength == 0 || !_remotes.ContainsKey(pair.Key with { RemoteLength = 0 }))
            .Select(pair => new NftShapeSet($"remote{(pair.Key.IsIPv6 ? 6 : 4)}-{pair.Key.RemoteLength}", pair.Key, pair.Value))];
    }

    /// <summary>What tells the ends of connections, by shape.</summary>
    public IReadOnlyList<NftShapeSet> Sets { get; }

    /// <summary>The peers' addresses alone, by family and length of prefix; where any address may be a peer's, that alone.</summary>
    public IReadOnlyList<NftShapeSet> Remotes { get; }

    private void Add(ProtectedTraffic traffic, bool isIPv6)
    {
        ConnectionMatch match = traffic.Match;
        NftPortTest remotePort = NftPortTest.From(match.RemotePort, out ushort remoteValue);
        NftPortTest localPort = NftPortTest.From(match.LocalPort, out ushort localValue);
        NftShape shape = new(isIPv6, match.Remote.PrefixLength, match.Local.PrefixLength, remotePort, localPort, traffic.Interface is not null, IsInVrf: traffic.IsInVrf);
        Put(_sets, shape);
        Put(_sets, shape.WithoutPorts);
        Put(_sets, shape.WithoutInterface);
        Put(_sets, shape.WithoutPorts.WithoutInterface);
        Put(_remotes, new NftShape(isIPv6, match.Remote.PrefixLength, 0, NftPortTest.Any, NftPortTest.Any, HasInterface: false));

        void Put(Dictionary<NftShape, HashSet<byte[]>> sets, NftShape one)
        {
            if (!sets.TryGetValue(one, out HashSet<byte[]>? keys))
            {
                keys = new HashSet<byte[]>(KeyComparer.Instance);
                sets.Add(one, keys);
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
