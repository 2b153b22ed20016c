using System.CommandLine;
using TcpAo.Cli.Commands.Keys;
using TcpAo.Cli.Output.Fleet;
using TcpAo.Crypto;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Cli.Commands.Fleet;

/// <summary><c>tcpao fleet rollover CHAIN</c>: a new key for all hosts of a chain, a step after the other.</summary>
internal sealed class FleetRolloverCommand : Command
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly Argument<string> _chain = FleetOptions.Chain();
    private readonly Option<string> _config = FleetOptions.Config();
    private readonly Option<bool> _status = new("--status") { Description = "only say how far it is and what it waits for" };
    private readonly Option<bool> _resume = new("--resume") { Description = "go on with one that is under way" };
    private readonly Option<bool> _abort = new("--abort") { Description = "turn round: the key of before signs again, and the new one goes" };
    private readonly Option<string?> _wait = new("--wait") { Description = "how long a step may stand still before this ends and leaves it there (default: 60s)", HelpName = "DURATION" };
    private readonly Option<string?> _algorithm = KeysOptions.Algorithm("the chain's");
    private readonly Option<bool> _json = FleetOptions.Json();
    private readonly Func<Stream> _openOutput;

    public FleetRolloverCommand(Func<Stream> openOutput)
        : base("rollover", "Roll a chain over to a new random key on all its hosts: accept, send, retire, each when the one before it is over everywhere (edits the store)")
    {
        _openOutput = openOutput;
        Add(_chain);
        Add(_config);
        Add(_status);
        Add(_resume);
        Add(_abort);
        Add(_wait);
        Add(_algorithm);
        Add(_json);
        SetAction((parsed, cancellation) => RunAsync(parsed, cancellation));
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Option<bool>[] ways = [_status, _resume, _abort];
        if (ways.Count(parsed.GetValue) > 1)
        {
            throw new UserErrorException("only one of --status, --resume and --abort may be given", ExitCodes.Usage);
        }

        string chain = parsed.GetValue(_chain)!;
        TimeSpan patience = KeysOptions.DurationOf("--wait", parsed.GetValue(_wait)) ?? s_patience;
        MacAlgorithm? algorithm = KeysOptions.AlgorithmOf(parsed.GetValue(_algorithm));
        return FleetOptions.UseAsync(parsed.GetValue(_config)!, async (fleet, _) =>
        {
            if (parsed.GetValue(_status))
            {
                FleetChain now = await fleet.ReadAsync(chain, cancellation).ConfigureAwait(false);
                ChainDocument document = FleetOptions.Existing(now.Document, chain);
                Show(parsed, document, now, RolloverObstacles.Of(document, now.Hosts));
                return document.Rollover is null ? ExitCodes.Success : ExitCodes.No;
            }

            if (parsed.GetValue(_abort))
            {
                await fleet.ChangeAsync(chain, before => RolloverMachine.Abort(UnderWay(before, chain)), cancellation).ConfigureAwait(false);
                Say($"{chain}: the rollover turns round");
            }
            else if (!parsed.GetValue(_resume))
            {
                ChainDocument begun = await fleet.ChangeAsync(chain, before => Begin(fleet, before, chain, algorithm), cancellation).ConfigureAwait(false);
                Say($"{chain}: key {begun.Rollover!.To} comes for key {begun.Rollover.From}; this can be interrupted at any moment, and --resume goes on");
            }
            else
            {
                UnderWay((await fleet.ReadAsync(chain, cancellation).ConfigureAwait(false)).Document, chain);
            }

            var coordinator = new RolloverCoordinator(fleet, chain, patience, Say, TimeProvider.System);
            RolloverEnd end = await coordinator.RunAsync(cancellation).ConfigureAwait(false);
            Show(parsed, end.Document, null, end.Obstacles);
            Say(end.IsComplete
                ? $"{chain}: complete; key {string.Join(", ", end.Document.KeyChain.Keys.Select(key => key.Id))} is in use on all {end.Document.Hosts.Length} hosts"
                : $"{chain}: stopped at step {end.Document.Rollover!.Step.ToString().ToLowerInvariant()}, where nothing is lost: {string.Join("; ", end.Obstacles)}. Go on with --resume, or back with --abort.");
            return end.IsComplete ? ExitCodes.Success : ExitCodes.No;
        });
    }

    private static void Say(string line) => Console.Error.WriteLine($"tcpao: {line}");

    private static ChainDocument UnderWay(ChainDocument? document, string chain) =>
        FleetOptions.Existing(document, chain) is { Rollover: not null } found ? found : throw new FleetException($"no rollover of {chain} is under way");

    private static ChainDocument Begin(FleetStore fleet, ChainDocument? before, string chain, MacAlgorithm? algorithm)
    {
        ChainDocument document = FleetOptions.Existing(before, chain);
        return RolloverMachine.Obstacle(document) is { } obstacle
            ? throw new FleetException(obstacle)
            : RolloverMachine.Begin(document, FleetKeys.New(document, fleet.KekOf(chain), algorithm), TimeProvider.System.GetUtcNow(), $"{Environment.UserName}@{Environment.MachineName}");
    }

    private void Show(ParseResult parsed, ChainDocument document, FleetChain? now, IReadOnlyList<string> obstacles)
    {
        if (!parsed.GetValue(_json) && !parsed.GetValue(_status))
        {
            return;
        }

        using Stream output = _openOutput();
        if (parsed.GetValue(_json))
        {
            FleetJson.Write(output, Name, [(document, now?.Hosts.Values ?? [], obstacles)]);
        }
        else
        {
            FleetText.Write(output, [(document, now?.Hosts.Values ?? [], obstacles)]);
        }
    }
}
