using System.Text;
using TcpAo.Cli.Output.Keys;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Cli.Output.Fleet;

/// <summary>How far the hosts of a fleet are, as tables.</summary>
internal static class FleetText
{
    public static void Write(Stream output, IEnumerable<(ChainDocument Document, IEnumerable<HostDocument> Hosts, IReadOnlyList<string> Obstacles)> chains)
    {
        using var text = new StringWriter { NewLine = "\n" };
        foreach ((ChainDocument document, IEnumerable<HostDocument> hosts, IReadOnlyList<string> obstacles) in chains)
        {
            string name = document.KeyChain.Name;
            string rollover = document.Rollover is { } under
                ? $"rollover from key {under.From} to key {under.To}{(under.Aborting ? ", going back" : string.Empty)}, step {under.Step.ToString().ToLowerInvariant()}, since {KeysText.Time(under.Started)} by {under.Operator}"
                : "no rollover";
            text.WriteLine($"{name}: version {document.Version}, keys {string.Join(", ", document.KeyChain.Keys.Select(key => $"{key.Id} (ids {key.SendId}/{key.RecvId}, {key.Algorithm})"))}; {rollover}");
            (HostDocument Host, HostChain Chain)[] reports = [.. FleetJson.Reports(name, hosts)];
            if (reports.Length > 0)
            {
                text.Write(KeysText.Table(["host", "version", "connections", "on the key", "problem"], reports.Select(report =>
                {
                    (int on, int all) = RolloverObstacles.Progress(document, report.Chain);
                    return (IReadOnlyList<string>)[report.Host.Host, $"{report.Chain.Version}", $"{all}", $"{on}", report.Chain.Problem ?? "-"];
                })));
            }

            foreach (string obstacle in obstacles)
            {
                text.WriteLine($"waits: {obstacle}");
            }
        }

        output.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
