using TcpAo.Hosting.Configuration;

namespace TcpAo.Hosting.KeyFiles;

/// <summary>Compares configurations apart from places that were meant to change.</summary>
internal static class ConfigTree
{
    /// <summary>Whether both say the same in the same order, <paramref name="touched"/> paths aside.</summary>
    internal static bool AreEqual(ConfigNode left, ConfigNode right, IReadOnlySet<string> touched) => Leaves(left, "", touched).SequenceEqual(Leaves(right, "", touched), StringComparer.Ordinal);

    /// <summary>How a key of a chain is called in a path.</summary>
    internal static string PathOf(string chain, ulong key) => $"key-chains[{chain}].keys[{key}]";

    private static IEnumerable<string> Leaves(ConfigNode node, string path, IReadOnlySet<string> touched)
    {
        if (touched.Contains(path))
        {
            return [];
        }

        return node.Kind switch
        {
            ConfigNodeKind.List => node.Items.SelectMany((item, index) => Leaves(item, $"{path}[{LabelOf(item, index)}]", touched)),
            ConfigNodeKind.Map => node.Entries.SelectMany(entry => Leaves(entry.Value, path.Length == 0 ? entry.Key.Text : $"{path}.{entry.Key.Text}", touched)),
            _ => [$"{path}={node.IsPlain}:{node.Text}"],
        };
    }

    private static string LabelOf(ConfigNode item, int index)
    {
        foreach ((ConfigNode key, ConfigNode value) in item.Entries)
        {
            if (key.Text is "name" or "id")
            {
                return value.Text;
            }
        }

        return $"#{index}";
    }
}
