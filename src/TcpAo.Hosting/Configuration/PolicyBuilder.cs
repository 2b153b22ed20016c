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
        PeerTable<ConnectionPolicy>? table = PeerTable.Build(
            peers.Select(peer => (peer.Name, peer.Matches(), PolicyOf(peer))), out ImmutableArray<PeerTie> ties);
        foreach (PeerTie tie in ties)
        {
            PeerConfiguration second = peers.Last(peer => string.Equals(peer.Name, tie.Second, StringComparison.Ordinal));
            report.Error(second, $"covers connections that {Shown.Quoted(tie.First)} covers too, and neither is more specific", "make the prefix or the port of one of them narrower");
        }

        return table is null ? null : new PolicyKeySource(table);
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
