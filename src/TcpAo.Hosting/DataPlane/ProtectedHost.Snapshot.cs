using System.Collections.Immutable;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Control.Status;
using TcpAo.Linux;
using TcpAo.Linux.Netfilter;

namespace TcpAo.Hosting.DataPlane;

public sealed partial class ProtectedHost
{
    /// <summary>Everything about the host at this moment, without secrets.</summary>
    /// <exception cref="InvalidOperationException">The data plane has ended.</exception>
    public HostSnapshot Snapshot()
    {
        TcpAoConfiguration configuration = _configuration;
        var reader = new SnapshotReader(_workers.All, _options.Time);
        ImmutableArray<ConnectionStatus> connections = reader.Connections();
        ILookup<string, ConnectionStatus> byPeer = connections.ToLookup(connection => connection.Peer, StringComparer.Ordinal);
        return new HostSnapshot
        {
            Time = _options.Time.GetUtcNow(),
            Since = _since,
            ProcessId = Environment.ProcessId,
            Configuration = configuration.File,
            Rules = ReadRules(),
            Queues = reader.Queues(),
            DataPath = _tun?.Status ?? new DataPathStatus("nfqueue"),
            Counters = reader.Counters(),
            Peers = [.. configuration.Peers.Select(peer => SnapshotReader.Peer(peer, byPeer[peer.Name]))],
            KeyChains = reader.Chains(configuration.KeyChains, _state.Salt),
            Connections = connections,
            Refusals = reader.Refusals(),
        };
    }

    private RulesStatus ReadRules()
    {
        try
        {
            lock (_rules)
            {
                NftTableState? table = _rules.Read();
                string? problem = table switch
                {
                    null => "the table tcpao is gone",
                    { IsActive: false } => "the table tcpao has lost chains or rules, or is dormant",
                    _ when _rules.Support.HasPersistentOwner && table.OwnerPortId != _rules.PortId => "the table tcpao belongs to somebody else",
                    _ => null,
                };
                return new RulesStatus(problem is null, table?.RuleCount ?? 0, problem);
            }
        }
        catch (LinuxException error)
        {
            return new RulesStatus(false, 0, error.Message);
        }
    }
}
