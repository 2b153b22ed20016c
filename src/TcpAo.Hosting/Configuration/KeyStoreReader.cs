using System.Collections.Immutable;

namespace TcpAo.Hosting.Configuration;

/// <summary>Reads the section <c>key-store</c> (docs/reference/key-store.md). Files are named here and opened when they are needed.</summary>
internal sealed class KeyStoreReader(ConfigReport report, string directory)
{
    private const string Section = "key-store";
    private const string DefaultPrefix = "/tcpao/";
    private const string DefaultCache = "/var/lib/tcpao/key-store.cache";

    private static readonly ImmutableArray<string> s_keys = ["etcd", "host", "cache", "chains"];

    private static readonly ImmutableArray<string> s_etcdKeys = ["endpoints", "prefix", "ca-file", "certificate-file", "certificate-key-file", "user", "password-file"];

    private static readonly ImmutableArray<string> s_chainKeys = ["name", "kek-file", "old-kek-file"];

    /// <summary>The section; null where there is none, or none that is right (reported then).</summary>
    internal KeyStoreConfiguration? Read(ConfigMap root)
    {
        if (root.Find(Section) is not { } node || ConfigMap.Read(node, Section, report, s_keys) is not { } map)
        {
            return null;
        }

        map.Require("etcd");
        map.Require("chains", "the key chains that this host takes from the store");
        string host = map.Text("host") ?? Environment.MachineName;
        if (!IsName(host))
        {
            map.Error("host", $"the name of a host is letters, digits, '.', '-' and '_', not {Shown.Quoted(host)}");
        }

        ImmutableArray<StoredChainConfiguration> chains = Chains(map);
        if (map.Find("etcd") is not { } etcdNode || ConfigMap.Read(etcdNode, map.PathOf("etcd"), report, s_etcdKeys) is not { } etcd)
        {
            return null;
        }

        ImmutableArray<Uri> endpoints = Endpoints(etcd);
        Together(etcd, "certificate-file", "certificate-key-file");
        Together(etcd, "user", "password-file");
        return new KeyStoreConfiguration
        {
            Endpoints = endpoints,
            Prefix = Prefix(etcd),
            Host = host,
            AuthorityFile = File(etcd, "ca-file"),
            CertificateFile = File(etcd, "certificate-file"),
            CertificateKeyFile = File(etcd, "certificate-key-file"),
            User = etcd.Text("user"),
            PasswordFile = File(etcd, "password-file"),
            CacheFile = File(map, "cache") ?? DefaultCache,
            Chains = chains,
        };
    }

    /// <summary>Whether a text can be part of the name of an entry.</summary>
    internal static bool IsName(string text) => text.Length is > 0 and <= 253 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private ImmutableArray<StoredChainConfiguration> Chains(ConfigMap store)
    {
        ImmutableArray<ConfigNode> nodes = store.List("chains");
        var chains = ImmutableArray.CreateBuilder<StoredChainConfiguration>(nodes.Length);
        for (int index = 0; index < nodes.Length; index++)
        {
            if (ConfigMap.Read(nodes[index], $"{store.PathOf("chains")}[{nodes[index].Label("name", index)}]", report, s_chainKeys) is not { } map)
            {
                continue;
            }

            map.Require("name");
            map.Require("kek-file", "'tcpao keys generate --kek' makes one; every host of the chain has the same");
            if (map.Text("name") is not { } name || File(map, "kek-file") is not { } kek)
            {
                continue;
            }

            if (!IsName(name))
            {
                map.Error("name", $"the name of a chain in the store is letters, digits, '.', '-' and '_', not {Shown.Quoted(name)}");
            }
            else if (chains.Any(other => string.Equals(other.Name, name, StringComparison.Ordinal)))
            {
                map.Error("name", $"{Shown.Quoted(name)} is there already");
            }
            else
            {
                chains.Add(new StoredChainConfiguration(name, kek, File(map, "old-kek-file")));
            }
        }

        return chains.ToImmutable();
    }

    private static ImmutableArray<Uri> Endpoints(ConfigMap etcd)
    {
        etcd.Require("endpoints", "such as [https://192.0.2.1:2379]");
        var endpoints = ImmutableArray.CreateBuilder<Uri>();
        foreach (ConfigNode node in etcd.List("endpoints"))
        {
            if (Uri.TryCreate(node.Text, UriKind.Absolute, out Uri? uri) && uri is { Scheme: "http" or "https", PathAndQuery: "/", UserInfo: "" })
            {
                endpoints.Add(uri);
            }
            else
            {
                etcd.Error("endpoints", $"an endpoint is http://HOST:PORT or https://HOST:PORT, not {Shown.Quoted(node.Text)}");
            }
        }

        if (endpoints.Count == 0 && etcd.Has("endpoints"))
        {
            etcd.Error("endpoints", "there is no endpoint");
        }

        if (endpoints.Any(static uri => string.Equals(uri.Scheme, "http", StringComparison.Ordinal) && !uri.IsLoopback))
        {
            etcd.Warn("endpoints", "anybody on the path can change what http:// brings; sealed documents that he changes are refused, old ones he can bring again", "use https://");
        }

        return endpoints.ToImmutable();
    }

    private static string Prefix(ConfigMap etcd)
    {
        string prefix = etcd.Text("prefix") ?? DefaultPrefix;
        return prefix.EndsWith('/') ? prefix : $"{prefix}/";
    }

    private static void Together(ConfigMap map, string first, string second)
    {
        if (map.Has(first) != map.Has(second))
        {
            map.Error(map.Has(first) ? first : second, $"{first} and {second} stand together");
        }
    }

    private string? File(ConfigMap map, string key) => map.Text(key) is { } name ? Path.GetFullPath(name, directory) : null;
}
