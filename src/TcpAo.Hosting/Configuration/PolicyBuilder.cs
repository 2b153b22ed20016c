using System.Collections.Immutable;
using TcpAo.Connections;
using TcpAo.Keys;

namespace TcpAo.Hosting.Configuration;

/// <summary>Turns the peers of a configuration into what the engine asks.</summary>
internal static class PolicyBuilder
{
    /// <summary>Builds the policy; null when peers tie, which is reported at the place of the later one.</summary>
    internal static PolicyKeySource? Build(ImmutableArray<PeerConfiguration> peers, ConfigReport report)
    {
        PolicyKeySource? policy = Build(peers, ScopesOf(peers, ImmutableDictionary<string, int>.Empty), out ImmutableArray<PeerTie> ties);
        foreach (PeerTie tie in ties)
        {
            PeerConfiguration second = peers.Last(peer => string.Equals(peer.Name, tie.Second, StringComparison.Ordinal));
            report.Error(second, $"covers connections that {Shown.Quoted(tie.First)} covers too, and neither is more specific", "make the prefix or the port of one of them narrower");
        }

        return policy;
    }

    /// <summary>Builds the policy of a host from peers that do not tie; the names in <paramref name="indexes"/> are those of its interfaces.</summary>
    internal static PolicyKeySource Resolve(ImmutableArray<PeerConfiguration> peers, IReadOnlyDictionary<string, int> indexes) =>
        Build(peers, ScopesOf(peers, indexes), out _) ?? throw new ArgumentException("Two interfaces have one index.", nameof(indexes));

    /// <summary>Builds the policy without interfaces; null when peers tie then.</summary>
    internal static PolicyKeySource? OfAnyInterface(ImmutableArray<PeerConfiguration> peers) => Build(peers, ImmutableDictionary<string, int>.Empty, out _);

    private static PolicyKeySource? Build(ImmutableArray<PeerConfiguration> peers, IReadOnlyDictionary<string, int> scopes, out ImmutableArray<PeerTie> ties)
    {
        PeerTable<ConnectionPolicy>? table = PeerTable.Build(
            peers.Select(peer => (peer.Name, peer.Matches(peer.IsScoped && scopes.TryGetValue(peer.Interface!, out int scope) ? scope : null), PolicyOf(peer))), out ties);
        return table is null ? null : new PolicyKeySource(table);
    }

    /// <summary>A number for each interface that is part of an address: its index or, where it is not there, one that no interface has.</summary>
    private static Dictionary<string, int> ScopesOf(ImmutableArray<PeerConfiguration> peers, IReadOnlyDictionary<string, int> indexes)
    {
        var scopes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (PeerConfiguration peer in peers.Where(peer => peer.IsScoped))
        {
            scopes.TryAdd(peer.Interface!, indexes.TryGetValue(peer.Interface!, out int index) ? index : -1 - scopes.Count);
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
