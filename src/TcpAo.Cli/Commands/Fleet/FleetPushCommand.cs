using System.CommandLine;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Cli.Commands.Fleet;

/// <summary><c>tcpao fleet push CHAIN --from FILE</c>: puts a chain of a file into the store.</summary>
internal sealed class FleetPushCommand : Command
{
    private readonly Argument<string> _chain = FleetOptions.Chain();
    private readonly Option<string> _config = FleetOptions.Config();
    private readonly Option<string> _from = new("--from") { Description = "the configuration whose chain of this name is put into the store", HelpName = "FILE", Required = true };
    private readonly Option<string?> _kekFile = Keys.KeysOptions.KekFile();
    private readonly Option<string[]> _hosts = new("--host") { Description = "a host that uses the chain; again for each", HelpName = "HOST", DefaultValueFactory = _ => [] };
    private readonly Option<bool> _replace = new("--replace") { Description = "take the place of the keys that the store has: all hosts change at once, and connections whose ends change at different times fail meanwhile" };

    public FleetPushCommand()
        : base("push", "Put a chain of a file into the key store, its secrets wrapped (edits the store)")
    {
        Add(_chain);
        Add(_config);
        Add(_from);
        Add(_kekFile);
        Add(_hosts);
        Add(_replace);
        SetAction((parsed, cancellation) => RunAsync(parsed, cancellation));
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string chain = parsed.GetValue(_chain)!;
        string[] hosts = parsed.GetValue(_hosts)!;
        if (hosts.FirstOrDefault(static host => !FleetHostsCommand.IsName(host)) is { } wrong)
        {
            throw new UserErrorException($"'{wrong}' is no name of a host: letters, digits, '.', '-' and '_'", ExitCodes.Usage);
        }

        ChainDocument put = await FleetOptions.UseAsync(parsed.GetValue(_config)!, (fleet, _) =>
        {
            KeyFile file = KeyFile.Open(parsed.GetValue(_from)!, parsed.GetValue(_kekFile));
            StoredChain keys = FleetKeys.Of(file, chain, fleet.KekOf(chain));
            return fleet.ChangeAsync(chain, before => Next(before, keys, hosts, parsed.GetValue(_replace)), cancellation);
        }).ConfigureAwait(false);
        await Console.Error.WriteLineAsync($"tcpao: {chain} is in the key store, version {put.Version}, {put.KeyChain.Keys.Length} keys for {put.Hosts.Length} hosts").ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private static ChainDocument Next(ChainDocument? before, StoredChain keys, string[] hosts, bool replaces) => before switch
    {
        null => new ChainDocument { Version = 1, Hosts = [.. hosts.Distinct(StringComparer.Ordinal)], KeyChain = keys },
        { Rollover: not null } => throw new FleetException($"a rollover of {keys.Name} is under way; finish it with --resume or go back with --abort first"),
        _ when !replaces => throw new FleetException($"the store has {keys.Name} already, version {before.Version}: 'tcpao fleet rollover {keys.Name}' changes its key without a loss, --replace at once"),
        _ => before with { Version = before.Version + 1, KeyChain = keys, Hosts = hosts.Length == 0 ? before.Hosts : [.. hosts.Distinct(StringComparer.Ordinal)] },
    };
}
