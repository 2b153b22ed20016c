using System.Text.Json;
using TcpAo.Cli.Output.Keys;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Cli.Output.Fleet;

/// <summary>The JSON of <c>tcpao fleet</c>: one object, schema tcpao.fleet/1 (docs/reference/fleet.md).</summary>
internal static class FleetJson
{
    private const string SchemaName = "tcpao.fleet/1";

    public static void Write(Stream output, string verb, IEnumerable<(ChainDocument Document, IEnumerable<HostDocument> Hosts, IReadOnlyList<string> Obstacles)> chains)
    {
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", SchemaName);
            writer.WriteString("verb", verb);
            writer.Array("key-chains", chains, chain => Write(writer, chain.Document, chain.Hosts, chain.Obstacles));
            writer.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>What hosts report of a chain, by name.</summary>
    public static IEnumerable<(HostDocument Host, HostChain Chain)> Reports(string chain, IEnumerable<HostDocument> hosts) => hosts
        .Select(host => (host, host.Chains.FirstOrDefault(each => string.Equals(each.Name, chain, StringComparison.Ordinal))!))
        .Where(report => report.Item2 is not null)
        .OrderBy(report => report.host.Host, StringComparer.Ordinal);

    private static void Write(Utf8JsonWriter writer, ChainDocument document, IEnumerable<HostDocument> hosts, IReadOnlyList<string> obstacles)
    {
        writer.WriteStartObject();
        writer.WriteString("name", document.KeyChain.Name);
        writer.WriteNumber("version", document.Version);
        writer.Array("keys", document.KeyChain.Keys, key =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", key.Id);
            writer.WriteNumber("send-id", key.SendId);
            writer.WriteNumber("recv-id", key.RecvId);
            writer.WriteString("algorithm", key.Algorithm);
            writer.WriteEndObject();
        });
        writer.WriteString("step", document.Rollover?.Step.ToString().ToLowerInvariant());
        writer.Number("to", (int?)document.Rollover?.To);
        writer.Number("from", (int?)document.Rollover?.From);
        writer.WriteBoolean("aborting", document.Rollover?.Aborting == true);
        writer.Strings("members", document.Hosts);
        writer.Array("hosts", Reports(document.KeyChain.Name, hosts), report =>
        {
            (int on, int all) = RolloverObstacles.Progress(document, report.Chain);
            writer.WriteStartObject();
            writer.WriteString("name", report.Host.Host);
            writer.WriteNumber("version", report.Chain.Version);
            writer.WriteNumber("connections", all);
            writer.WriteNumber("on-key", on);
            writer.WriteString("problem", report.Chain.Problem);
            writer.WriteEndObject();
        });
        writer.Strings("waits", obstacles);
        writer.WriteEndObject();
    }
}
