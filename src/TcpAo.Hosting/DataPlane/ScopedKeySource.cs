using System.Collections.Frozen;
using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Hosting.Configuration;
using TcpAo.Keys;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Keys of a host with link-local peers that name their interface. The rules know interfaces by name, connections by index: an interface whose name is not
/// known yet may be such a peer's, and until it is known nothing of these peers' addresses passes there.
/// </summary>
/// <param name="policy">The peers, for the interfaces that there are.</param>
/// <param name="unknown">The same addresses on any interface.</param>
/// <param name="known">Indexes of the interfaces whose names are known.</param>
internal sealed class ScopedKeySource(PolicyKeySource policy, PolicyKeySource unknown, FrozenSet<int> known) : IKeySource
{
    // without keys, nothing is signed and nothing verifies
    private static readonly ConnectionPolicy s_refuse = new("interface-not-known", KeyRing.Empty);

    /// <summary>Makes the source of a host.</summary>
    /// <param name="configuration">The configuration on the host.</param>
    /// <param name="links">The host's interfaces.</param>
    public static ScopedKeySource Of(TcpAoConfiguration configuration, IReadOnlyDictionary<string, int> links)
    {
        // what a peer in mode monitor sends passes in any case
        ConnectionMatch[] matches = [.. configuration.Peers.Where(peer => peer is { IsScoped: true, Mode: not PeerMode.Monitor }).SelectMany(peer => peer.Matches())];
        PeerTable<ConnectionPolicy> unknown = PeerTable.Build([(s_refuse.Name, matches, s_refuse)], out ImmutableArray<PeerTie> _)!;
        return new ScopedKeySource(configuration.Policy, new PolicyKeySource(unknown), links.Values.ToFrozenSet());
    }

    /// <inheritdoc/>
    public ConnectionPolicy? Find(in SocketPair pair) =>
        (pair.Remote.IsLinkLocal && !known.Contains(pair.Vrf) ? unknown.Find(pair) : null) ?? policy.Find(pair);
}
