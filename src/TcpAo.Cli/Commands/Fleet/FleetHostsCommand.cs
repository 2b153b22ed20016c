using System.CommandLine;
using TcpAo.Hosting.Fleet;
using TcpAo.Hosting.KeyStores;

namespace TcpAo.Cli.Commands.Fleet;

/// <summary><c>tcpao fleet hosts CHAIN --add HOST --remove HOST</c>: which hosts a rollover waits for.</summary>
internal sealed class FleetHostsCommand : Command
{
    private readonly Argument<string> _chain = FleetOptions.Chain();
    private readonly Option<string> _config = FleetOptions.Config();
    private readonly Option<string[]> _add = new("--add") { Description = "a host that uses the chain from now on", HelpName = "HOST", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> _remove = new("--remove") { Description = "a host that no longer does; roll the key over afterwards, for it knows this one", HelpName = "HOST", DefaultValueFactory = _ => [] };

    public FleetHostsCommand()
        : base("hosts", "Change the list of the hosts that use a chain (edits the store)")
    {
        Add(_chain);
        Add(_config);
        Add(_add);
        Add(_remove);
        SetAction((parsed, cancellation) => RunAsync(parsed, cancellation));
    }

    /// <summary>Whether a text can name a host.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= 253 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string chain = parsed.GetValue(_chain)!;
        string[] added = parsed.GetValue(_add)!;
        string[] removed = parsed.GetValue(_remove)!;
        if (added.FirstOrDefault(static host => !IsName(host)) is { } wrong)
        {
            throw new UserErrorException($"'{wrong}' is no name of a host: letters, digits, '.', '-' and '_'", ExitCodes.Usage);
        }

        ChainDocument changed = await FleetOptions.UseAsync(parsed.GetValue(_config)!, (fleet, _) => fleet.ChangeAsync(chain, before => Next(FleetOptions.Existing(before, chain), added, removed), cancellation)).ConfigureAwait(false);
        await Console.Error.WriteLineAsync($"tcpao: {chain}, version {changed.Version}, hosts: {string.Join(", ", changed.Hosts)}").ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private static ChainDocument? Next(ChainDocument before, string[] added, string[] removed)
    {
        if (removed.FirstOrDefault(host => !before.Hosts.Contains(host, StringComparer.Ordinal)) is { } unknown)
        {
            throw new FleetException($"{unknown} is none of the hosts of {before.KeyChain.Name}: {string.Join(", ", before.Hosts)}");
        }

        string[] hosts = [.. before.Hosts.Concat(added).Except(removed, StringComparer.Ordinal).Distinct(StringComparer.Ordinal)];
        return hosts.SequenceEqual(before.Hosts, StringComparer.Ordinal) ? null : before with { Version = before.Version + 1, Hosts = [.. hosts] };
    }
}
