using System.Collections.Immutable;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.Configuration;

/// <summary>Reads the list <c>key-chains</c>, and puts what <see cref="KeyChainValidator"/> finds to its place in the file.</summary>
internal sealed class KeyChainReader(ConfigReport report, SecretReader secrets)
{
    private static readonly ImmutableArray<string> s_keys = ["name", "accept-tolerance", "description", "keys"];

    private readonly KeyReader _keys = new(report, secrets);
    private readonly List<KeyChainPlace> _places = [];

    /// <summary>The chains that were read, with their places.</summary>
    internal IReadOnlyList<KeyChainPlace> Places => _places;

    /// <summary>The chains; those that have no name or have it twice are left out (reported then).</summary>
    /// <param name="root">What has <c>key-chains</c>.</param>
    /// <param name="stored">Names of chains that come from a key store: they have no keys as yet.</param>
    internal ImmutableArray<KeyChain> Read(ConfigMap root, IEnumerable<string>? stored = null)
    {
        ImmutableArray<ConfigNode> nodes = root.List("key-chains");
        ImmutableArray<KeyChain>.Builder chains = ImmutableArray.CreateBuilder<KeyChain>();
        chains.AddRange((stored ?? []).Select(name => new KeyChain(name, [], TimeSpan.Zero)));
        if (chains.Count == 0)
        {
            root.Require("key-chains");
        }

        if (nodes.IsEmpty && root.Find("key-chains") is not null && !report.HasErrors)
        {
            root.Error("key-chains", "there is no key chain");
        }

        for (int index = 0; index < nodes.Length; index++)
        {
            ConfigMap? map = ConfigMap.Read(nodes[index], $"key-chains[{nodes[index].Label("name", index)}]", report, s_keys);
            if (map is null || Chain(map) is not { } chain)
            {
                continue;
            }

            if (chains.Any(other => string.Equals(other.Name, chain.Name, StringComparison.Ordinal)))
            {
                map.Error("name", (stored ?? []).Contains(chain.Name, StringComparer.Ordinal)
                    ? $"the key chain {Shown.Quoted(chain.Name)} comes from the key store"
                    : $"another key chain is named {Shown.Quoted(chain.Name)} already");
                continue;
            }

            chains.Add(chain);
        }

        return chains.ToImmutable();
    }

    /// <summary>One chain that stands alone; null when it has no name or is no mapping (reported then).</summary>
    internal KeyChain? ReadOne(ConfigNode node) => ConfigMap.Read(node, $"key-chains[{node.Label("name", 0)}]", report, s_keys) is { } map ? Chain(map) : null;

    private KeyChain? Chain(ConfigMap map)
    {
        map.Require("name");
        string? name = map.Text("name");
        string? description = map.Text("description");
        TimeSpan tolerance = LifetimeReader.Duration(map, "accept-tolerance") ?? TimeSpan.Zero;
        ImmutableArray<ConfigNode> nodes = map.List("keys");
        ImmutableArray<KeyChainKey>.Builder keys = ImmutableArray.CreateBuilder<KeyChainKey>(nodes.Length);
        List<ConfigMap> places = [];
        for (int index = 0; index < nodes.Length; index++)
        {
            ConfigMap? place = _keys.Map(nodes[index], $"{map.Path}.keys[{nodes[index].Label("id", index)}]");
            if (place is not null && _keys.Read(place, name ?? "", tolerance) is { } key)
            {
                keys.Add(key);
                places.Add(place);
            }
        }

        KeyChain chain = new(name ?? "", keys.ToImmutable(), tolerance, description);
        bool listIsRight = (map.Find("keys") is null && !map.HasMeant("keys")) || map.Find("keys") is { IsNull: true } or { Kind: ConfigNodeKind.List };
        if (chain.Keys.Length > 0 || (nodes.IsEmpty && listIsRight))
        {
            Validate(chain, map, places);
        }

        _places.Add(new KeyChainPlace(chain, map, [.. places]));
        return name is null ? null : chain;
    }

    private void Validate(KeyChain chain, ConfigMap map, List<ConfigMap> places)
    {
        foreach (KeyChainProblem problem in KeyChainValidator.Validate(chain))
        {
            ConfigMap place = problem.KeyIndex < 0 ? map : places[problem.KeyIndex];
            ConfigNode node = place.Find(problem.Leaf) ?? place.Node;
            string path = problem.Leaf.Length == 0 ? place.Path : place.PathOf(problem.Leaf);
            if (problem.Severity == KeyChainSeverity.Error)
            {
                report.Error(node, path, problem.Message, code: problem.Code);
            }
            else
            {
                report.Warn(node, path, problem.Message, code: problem.Code);
            }
        }
    }
}
