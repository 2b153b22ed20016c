using System.CommandLine;
using TcpAo.Cli.Output.Fleet;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Cli.Commands.Fleet;

/// <summary><c>tcpao fleet status</c>: how far each host is. Exit 1 while one is not where its chain is.</summary>
internal sealed class FleetStatusCommand : Command
{
    private readonly Option<string> _config = FleetOptions.Config();
    private readonly Option<bool> _json = FleetOptions.Json();
    private readonly Func<Stream> _openOutput;

    public FleetStatusCommand(Func<Stream> openOutput)
        : base("status", "Say of each chain of the store and each of its hosts how far it is (asks the store, edits nothing)")
    {
        _openOutput = openOutput;
        Add(_config);
        Add(_json);
        SetAction((parsed, cancellation) => RunAsync(parsed, cancellation));
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation) => FleetOptions.UseAsync(parsed.GetValue(_config)!, async (fleet, store) =>
    {
        var chains = new List<(ChainDocument Document, IEnumerable<HostDocument> Hosts, IReadOnlyList<string> Obstacles)>();
        foreach (StoredChainConfiguration chain in store.Chains)
        {
            FleetChain now = await fleet.ReadAsync(chain.Name, cancellation).ConfigureAwait(false);
            ChainDocument document = FleetOptions.Existing(now.Document, chain.Name);
            chains.Add((document, now.Hosts.Values, RolloverObstacles.Of(document, now.Hosts)));
        }

        using Stream output = _openOutput();
        if (parsed.GetValue(_json))
        {
            FleetJson.Write(output, Name, chains);
        }
        else
        {
            FleetText.Write(output, chains);
        }

        return chains.Exists(static chain => chain.Obstacles.Count > 0) ? ExitCodes.No : ExitCodes.Success;
    });
}
