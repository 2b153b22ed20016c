using TcpAo.Hosting.Configuration;
using TcpAo.Keys;

namespace TcpAo.Hosting.KeyFiles;

public sealed partial class KeyFile
{
    /// <summary>Writes changed lifetimes of a key, each in the form that it has: only what changes is replaced.</summary>
    private static void SetLifetimes(YamlEdit edit, ConfigMap map, (KeyLifetime Before, KeyLifetime After) send, (KeyLifetime Before, KeyLifetime After) accept)
    {
        if (map.Find("lifetime") is not null && (send.Before != send.After || accept.Before != accept.After))
        {
            edit.Replace(map.Node, "lifetime", ("send-lifetime", LifetimeValue(send.After)), ("accept-lifetime", LifetimeValue(accept.After)));
            return;
        }

        SetLifetime(edit, map, "send-lifetime", send.Before, send.After);
        SetLifetime(edit, map, "accept-lifetime", accept.Before, accept.After);
    }

    private static void SetLifetime(YamlEdit edit, ConfigMap map, string leaf, KeyLifetime before, KeyLifetime after)
    {
        if (before == after)
        {
            return;
        }

        if (map.Find(leaf) is not { Kind: ConfigNodeKind.Map } node || node.Entries.Any(entry => entry.Key.Text is "always" or "duration") || (before.Start != after.Start && after.Start == DateTimeOffset.MinValue))
        {
            edit.Set(map.Node, leaf, LifetimeValue(after));
            return;
        }

        if (before.Start != after.Start)
        {
            edit.Set(node, "start", FieldValue.Instant(after.Start));
        }

        if (before.End != after.End)
        {
            edit.Set(node, "end", FieldValue.Instant(after.End));
        }
    }

    private static FieldValue LifetimeValue(KeyLifetime lifetime)
    {
        List<(string Key, FieldValue Value)> fields = [];
        if (lifetime.IsEmpty)
        {
            // an end at the start closes that way
            DateTimeOffset closed = DateTimeOffset.UnixEpoch;
            return FieldValue.Map(("start", FieldValue.Instant(closed)), ("end", FieldValue.Instant(closed)));
        }

        if (lifetime.Start != DateTimeOffset.MinValue)
        {
            fields.Add(("start", FieldValue.Instant(lifetime.Start)));
        }

        if (lifetime.End != DateTimeOffset.MaxValue)
        {
            fields.Add(("end", FieldValue.Instant(lifetime.End)));
        }

        return fields.Count == 0 ? FieldValue.Text("always") : FieldValue.Map(fields);
    }

    private static void TouchLifetimes(HashSet<string> touched, string chain, ulong id)
    {
        string path = ConfigTree.PathOf(chain, id);
        touched.Add($"{path}.lifetime");
        touched.Add($"{path}.send-lifetime");
        touched.Add($"{path}.accept-lifetime");
    }
}
