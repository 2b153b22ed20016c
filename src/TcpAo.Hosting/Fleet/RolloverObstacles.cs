using System.Collections.Immutable;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Hosting.Fleet;

/// <summary>What a step of a coordinated rollover still waits for.</summary>
public static class RolloverObstacles
{
    /// <summary>Looks at what the hosts tell.</summary>
    /// <param name="document">The chain.</param>
    /// <param name="hosts">The hosts that report, by name.</param>
    /// <returns>A sentence for each host that the step waits for; none where it is over.</returns>
    public static ImmutableArray<string> Of(ChainDocument document, IReadOnlyDictionary<string, HostDocument> hosts)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(hosts);
        string chain = document.KeyChain.Name;
        var members = document.Hosts.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. document.Hosts.Select(name => Of(document, name, hosts.GetValueOrDefault(name))).OfType<string>(),
            .. hosts.Values.Where(host => !members.Contains(host.Host) && Find(host, chain) is not null).Select(host => host.Host).Order(StringComparer.Ordinal).Select(
                name => $"{name} uses the chain and is none of its hosts: add it with 'tcpao fleet hosts {chain} --add {name}', or take the chain from its configuration"),
        ];
    }

    /// <summary>How many connections use the key that is to sign, both ways, and how many there are.</summary>
    public static (int On, int All) Progress(ChainDocument document, HostChain chain)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(chain);
        StoredKey? to = document.KeyChain.Keys.FirstOrDefault(key => document.Rollover is not { } rollover || key.Id == rollover.To);
        return (chain.Uses.Where(use => Uses(use, to)).Sum(use => use.Count), chain.Uses.Sum(use => use.Count));
    }

    private static string? Of(ChainDocument document, string name, HostDocument? host)
    {
        if (host is null)
        {
            return $"{name} does not report: it is down, or cut off from the key store";
        }

        if (Find(host, document.KeyChain.Name) is not { } chain)
        {
            return $"{name} does not take the chain from the store: its configuration does not name it";
        }

        if (chain.Version != document.Version)
        {
            return chain.Problem is { } problem
                ? $"{name} cannot use version {document.Version}: {problem}"
                : $"{name} has version {chain.Version} and not yet {document.Version}";
        }

        if (document.Rollover is not { Step: RolloverStep.Send } rollover)
        {
            return null;
        }

        StoredKey to = document.KeyChain.Keys.First(key => key.Id == rollover.To);
        HostKeyUse[] lagging = [.. chain.Uses.Where(use => !Uses(use, to))];
        return lagging.Length == 0 ? null
            : $"{name}: {lagging.Sum(use => use.Count)} of {chain.Uses.Sum(use => use.Count)} connections do not use key {to.Id} both ways yet, such as {lagging[0].Example} (sends {Text(lagging[0].SendId)}, receives {Text(lagging[0].ReceivedId)})";
    }

    private static HostChain? Find(HostDocument host, string chain) => host.Chains.FirstOrDefault(each => string.Equals(each.Name, chain, StringComparison.Ordinal));

    private static bool Uses(HostKeyUse use, StoredKey? key) => key is not null && use.SendId == key.SendId && use.ReceivedId == key.RecvId;

    private static string Text(int? id) => id?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "nothing";
}
