using System.CommandLine;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Cli.Commands.Fleet;

/// <summary><c>tcpao fleet rewrap CHAIN</c>: another key-encryption key, the keys stay.</summary>
internal sealed class FleetRewrapCommand : Command
{
    private readonly Argument<string> _chain = FleetOptions.Chain();
    private readonly Option<string> _config = FleetOptions.Config();

    public FleetRewrapCommand()
        : base("rewrap", "Wrap and seal a chain under the kek-file of the configuration; it was under that or under the old-kek-file (edits the store)")
    {
        Add(_chain);
        Add(_config);
        SetAction((parsed, cancellation) => RunAsync(parsed, cancellation));
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string chain = parsed.GetValue(_chain)!;
        ChainDocument changed = await FleetOptions.UseAsync(parsed.GetValue(_config)!, (fleet, _) => fleet.ChangeAsync(chain, before => Next(fleet, FleetOptions.Existing(before, chain)), cancellation)).ConfigureAwait(false);
        await Console.Error.WriteLineAsync($"tcpao: {chain}, version {changed.Version}, is wrapped and sealed under the kek-file").ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private static ChainDocument Next(FleetStore fleet, ChainDocument before) => before with
    {
        Version = before.Version + 1,
        KeyChain = fleet.Rewrap(before.KeyChain),
        Rollover = before.Rollover is { Retired: { } retired } rollover ? rollover with { Retired = fleet.Rewrap(before.KeyChain.Name, retired) } : before.Rollover,
    };
}
