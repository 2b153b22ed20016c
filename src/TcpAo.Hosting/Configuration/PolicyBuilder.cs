using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>Turns the peers of a configuration into what the engine asks.</summary>
internal static class PolicyBuilder
{
    /// <summary>Builds the policy; null when peers tie, which is reported at the place of the later one.</summary>
    internal static PolicyKeySource? Build(ImmutableArray<PeerConfiguration> peers, IReadOnlyDictionary<string, int> scopes, ConfigReport report)
    {
        PolicyKeySource? policy = Build(peers, scopes, out ImmutableArray<PeerTie> ties);
        foreach (PeerTie tie in ties)
        {
            PeerConfiguration second = peers.Last(peer => string.Equals(peer.Name, tie.Second, StringComparison.Ordinal));
            report.Error(second, $"covers connections that {Shown.Quoted(tie.First)} covers too, and neither is more specific", "make the prefix or the port of one of them narrower");
        }

        return policy;
    }

    /// <summary>Builds the policy of peers that were found not to tie.</summary>
    internal static PolicyKeySource Rebuild(ImmutableArray<PeerConfiguration> peers, IReadOnlyDictionary<string, int> scopes) =>
        Build(peers, scopes, out _) ?? throw new InvalidOperationException("Peers that did not tie do now.");

    /// <summary>Builds the policy without interfaces and VRFs; null when peers tie then.</summary>
    internal static PolicyKeySource? OfAnyInterface(ImmutableArray<PeerConfiguration> peers) => Build(peers, ImmutableDictionary<string, int>.Empty, out _);

    private static PolicyKeySource? Build(ImmutableArray<PeerConfiguration> peers, IReadOnlyDictionary<string, int> scopes, out ImmutableArray<PeerTie> ties)
    {
        PeerTable<ConnectionPolicy>? table = PeerTable.Build(
            peers.Select(peer => (peer.Name, peer.Matches(peer.Scope is { } name && scopes.TryGetValue(name, out int scope) ? scope : null), PolicyOf(peer))), out ties);
        return table is null ? null : new PolicyKeySource(table);
    }

    /// <summary>A number for each interface and VRF that tells peers apart, from 1.</summary>
    internal static IReadOnlyDictionary<string, int> ScopesOf(ImmutableArray<PeerConfiguration> peers)
    {
        var scopes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string name in peers.Select(peer => peer.Scope).OfType<string>())
        {
            scopes.TryAdd(name, scopes.Count + 1);
        }

        return scopes;
    }

    private static ConnectionPolicy PolicyOf(PeerConfiguration peer) => new(peer.Name, peer.KeyChain.Ring)
    {
        Mode = peer.Mode,
        UnknownKey = peer.UnknownKey,
        LockCurrentKey = peer.LockCurrentKey,
        LockRNextKey = peer.LockRNextKey,
        RejectUnexpected = peer.RejectUnexpected,
        AcceptIcmps = peer.AcceptIcmps,
        Nat = (peer.LocalNat ? NatSides.Local : NatSides.None) | (peer.RemoteNat ? NatSides.Remote : NatSides.None),
    };
}
