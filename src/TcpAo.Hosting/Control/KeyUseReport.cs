using System.Collections.Immutable;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Hosting.Control;

/// <summary>"Is the peer on the new key yet?" (docs/reference/keys.md): made from what a running program tells of itself.</summary>
public sealed class KeyUseReport
{
    private const string Signed = "signed";
    private const string Up = "synchronized";

    private KeyUseReport(ImmutableArray<KeyUse> connections, ImmutableArray<KeyChainUse> chains)
    {
        Connections = connections;
        Chains = chains;
    }

    /// <summary>The signed connections that are up, those that lag first.</summary>
    public ImmutableArray<KeyUse> Connections { get; }

    /// <summary>The chains, in the order of the configuration.</summary>
    public ImmutableArray<KeyChainUse> Chains { get; }

    /// <summary>Whether any connection is not where its chain wants it.</summary>
    public bool AnyLags => Connections.Any(connection => !connection.IsSettled);

    /// <summary>Looks at a snapshot. TCP MD5 has no ids and is left out.</summary>
    /// <param name="snapshot">What the program told.</param>
    /// <param name="only">Name of one chain; null for all.</param>
    public static KeyUseReport Of(HostSnapshot snapshot, string? only = null)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        KeyChainStatus[] chains = [.. snapshot.KeyChains.Where(chain => (only is null || string.Equals(chain.Name, only, StringComparison.Ordinal)) && chain.Keys.Any(key => key.SendId is not null))];
        var byName = chains.ToDictionary(chain => chain.Name, StringComparer.Ordinal);
        var chainOf = snapshot.Peers.Where(peer => byName.ContainsKey(peer.KeyChain)).ToDictionary(peer => peer.Name, peer => peer.KeyChain, StringComparer.Ordinal);
        KeyUse[] uses = [.. snapshot.Connections
            .Where(connection => connection is { Protection: Signed, State: Up } && chainOf.ContainsKey(connection.Peer))
            .Select(connection => Use(connection, byName[chainOf[connection.Peer]]))];
        return new KeyUseReport(
            [.. uses.OrderBy(use => use.IsSettled).ThenBy(use => use.Peer, StringComparer.Ordinal)],
            [.. chains.Select(chain => new KeyChainUse(
                chain.Name,
                chain.SendKey,
                chain.RnextKey,
                uses.Count(use => string.Equals(use.Chain, chain.Name, StringComparison.Ordinal)),
                uses.Count(use => use.IsSettled && string.Equals(use.Chain, chain.Name, StringComparison.Ordinal)),
                chain.NextChange) { RunsOut = RunsOut(chain) })]);
    }

    /// <summary>When no key of a chain may sign, or none is accepted, whichever comes first; null when there will always be both.</summary>
    internal static DateTimeOffset? RunsOut(KeyChainStatus chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        DateTimeOffset until = chain.SendsUntil ?? DateTimeOffset.MaxValue;
        until = chain.AcceptsUntil is { } accepts && accepts < until ? accepts : until;
        return until == DateTimeOffset.MaxValue ? null : until;
    }

    private static KeyUse Use(ConnectionStatus connection, KeyChainStatus chain) => new(
        connection.Peer,
        chain.Name,
        connection.Local,
        connection.Remote,
        connection.CurrentKeyId,
        connection.CurrentKeySince,
        chain.SendKey,
        connection.LastKeyId,
        connection.LastKeySince,
        connection.RnextKeyId,
        connection.RnextKeySince,
        Pending(connection, chain));

    private static string? Pending(ConnectionStatus connection, KeyChainStatus chain)
    {
        if (connection.LastKeyId is null)
        {
            return "no segment of the peer since the restart: its key is not known yet";
        }

        if (connection.RnextKeyId is not { } asked)
        {
            return "we ask for no key: none is accepted now";
        }

        if (connection.LastKeyId != asked)
        {
            return $"the peer signs with {connection.LastKeyId} and is asked for {asked}";
        }

        if (chain.RnextKey is { } wanted && wanted != asked)
        {
            return $"we ask for {asked}, and the chain for {wanted}: with the next segment";
        }

        if (connection.CurrentKeyId is null)
        {
            return "we sign with no key: none may sign now";
        }

        return chain.SendKey is { } send && send != connection.CurrentKeyId
            ? $"we sign with {connection.CurrentKeyId} and not with {send}: the peer asks for {connection.LastRnextKeyId}"
            : null;
    }
}
