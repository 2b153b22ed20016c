using TcpAo.Hosting.Control;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Hosting.KeyStores;

/// <summary>What a host tells of itself in the store, made from its status: versions and key ids, no addresses but one example and no secret.</summary>
internal static class HostReport
{
    /// <summary>The report.</summary>
    /// <param name="snapshot">The host.</param>
    /// <param name="name">Its name in the fleet.</param>
    public static HostDocument Of(HostSnapshot snapshot, string name)
    {
        ILookup<string, KeyUse> uses = KeyUseReport.Of(snapshot).Connections.ToLookup(use => use.Chain, StringComparer.Ordinal);
        return new HostDocument(name, snapshot.Time, [.. (snapshot.KeyStore?.Chains ?? []).Select(chain => new HostChain(chain.Name, chain.Version, [.. uses[chain.Name]
            .GroupBy(use => (use.SendId, use.ReceivedId))
            .OrderBy(group => group.Key.SendId)
            .ThenBy(group => group.Key.ReceivedId)
            .Select(group => new HostKeyUse(group.Count(), group.Select(use => $"{use.Peer} {use.Remote}").Order(StringComparer.Ordinal).First(), group.Key.SendId, group.Key.ReceivedId))], chain.Problem))]);
    }
}
