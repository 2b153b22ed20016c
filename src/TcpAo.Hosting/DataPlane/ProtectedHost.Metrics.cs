using System.Collections.Immutable;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Telemetry;
using TcpAo.KeyChains;

namespace TcpAo.Hosting.DataPlane;

public sealed partial class ProtectedHost
{
    // by worker; a segment never touches them
    private readonly List<KeyChangeCounter> _keyChanges = [];

    /// <summary>What is measured, for Prometheus.</summary>
    internal HostMetrics Metrics { get; }

    /// <summary>The chains that peers of a configuration use.</summary>
    private static IEnumerable<KeyChain> ChainsInUse(TcpAoConfiguration configuration) => configuration.Peers.Select(peer => peer.KeyChain).Distinct();

    private MetricsReading ReadMetrics()
    {
        DateTimeOffset now = _options.Time.GetUtcNow();
        var reader = new SnapshotReader(_workers.All, _options.Time);
        Control.Status.CounterStatus counters = reader.Counters();
        ILookup<string, string> states = reader.Read(connection => SnapshotReader.NameOf(connection.State)).ToLookup(state => state, StringComparer.Ordinal);
        return new MetricsReading(
            [("in", "accepted", (long)counters.Good), .. reader.RefusedByDirection()],
            (long)counters.DroppedIcmps,
            [.. Enum.GetValues<Connections.ConnectionState>().Select(state => (Word(SnapshotReader.NameOf(state)), (long)states[SnapshotReader.NameOf(state)].Count()))],
            _keyChanges.Sum(counter => counter.Current),
            _keyChanges.Sum(counter => counter.RNext),
            [.. ChainsInUse(_configuration).Select(chain => (chain.Name, Until: KeyChainTimeline.SendsUntil(chain, now))).Where(chain => chain.Until is not null)
                .Select(chain => (chain.Name, (chain.Until!.Value - now).TotalSeconds))],
            reader.Queues());
    }

    /// <summary>A name as attributes of metrics have it.</summary>
    private static string Word(string kebab) => kebab.Replace('-', '_');
}
