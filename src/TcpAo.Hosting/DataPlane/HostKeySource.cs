using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Hosting.Configuration;
using TcpAo.Keys;
using TcpAo.Linux.Namespaces;

namespace TcpAo.Hosting.DataPlane;

/// <summary>
/// Keys of a configuration on a host: connections know interfaces and VRFs by index, peers by name, and which name an index has is asked of the host each time.
/// The rules send the segments of such peers' addresses whatever they come by. On an interface that is not known none of them passes.
/// </summary>
internal sealed class HostKeySource : IKeySource
{
    private readonly PolicyKeySource _policy;
    private readonly IReadOnlyDictionary<string, int> _scopes;
    private readonly PolicyKeySource _refuseUnknown;
    private readonly PolicyKeySource _refuseOutside;
    private readonly Func<int, NetworkLink?> _findLink;

    /// <param name="configuration">The configuration.</param>
    /// <param name="findLink">The host's interface of an index; null where it is not known.</param>
    public HostKeySource(TcpAoConfiguration configuration, Func<int, NetworkLink?> findLink)
    {
        (_policy, _scopes, _findLink) = (configuration.Policy, configuration.Scopes, findLink);
        _refuseUnknown = Refuse("interface-not-known", configuration.Peers.Where(peer => peer.Scope is not null));

        // where its VRF has no route, a socket of it uses those outside: such a segment is not to leave unsigned
        _refuseOutside = Refuse("outside-its-vrf", configuration.Peers.Where(peer => peer.Vrf is not null));
    }

    /// <inheritdoc/>
    public ConnectionPolicy? Find(in SocketPair pair)
    {
        SocketPair nowhere = pair with { Vrf = 0 };
        if (pair.Vrf == 0)
        {
            return _policy.Find(nowhere) ?? _refuseOutside.Find(nowhere);
        }

        if (_findLink(pair.Vrf) is not { } link)
        {
            return _refuseUnknown.Find(nowhere) ?? _policy.Find(nowhere);
        }

        // a link-local peer is of an interface; that of a VRF is found by the VRF too
        return _policy.Find(On(nowhere, link)) ?? (_findLink(link.Master) is { IsVrf: true } vrf ? _policy.Find(On(nowhere, vrf)) : null);
    }

    /// <summary>Without keys, nothing is signed and nothing verifies. What a peer in mode monitor sends passes in any case.</summary>
    private static PolicyKeySource Refuse(string name, IEnumerable<PeerConfiguration> peers)
    {
        ConnectionMatch[] matches = [.. peers.Where(peer => peer.Mode != PeerMode.Monitor).SelectMany(peer => peer.Matches())];
        return new PolicyKeySource(PeerTable.Build([(name, matches, new ConnectionPolicy(name, KeyRing.Empty))], out ImmutableArray<PeerTie> _)!);
    }

    /// <summary>The pair with the number that peers of an interface have; 0 where there are none.</summary>
    private SocketPair On(in SocketPair pair, NetworkLink link) => pair with { Vrf = _scopes.GetValueOrDefault(link.Name) };
}
