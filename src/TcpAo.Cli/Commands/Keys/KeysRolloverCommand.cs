using System.CommandLine;
using TcpAo.Hosting.KeyFiles;
using TcpAo.KeyChains;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys rollover CHAIN</c>: a new key, accepted first and signing later, and an end for the old ones.</summary>
internal sealed class KeysRolloverCommand : KeysChangeCommand
{
    private const string Hour = "1h";

    private readonly Argument<string> _chain = KeysOptions.Chain();
    private readonly Option<string> _lead = new("--lead") { Description = "from now, when the new key is accepted, until it signs: the time to give it to the other side", HelpName = "DURATION", DefaultValueFactory = _ => Hour };
    private readonly Option<string?> _at = new("--at") { Description = "when the new key begins to sign, instead of --lead", HelpName = "TIME" };
    private readonly Option<string> _overlap = new("--overlap") { Description = "how long the old key signs on after that, and how long it is accepted on after that", HelpName = "DURATION", DefaultValueFactory = _ => Hour };
    private readonly Option<string?> _for = new("--for") { Description = "how long the new key signs (default: without end)", HelpName = "DURATION" };
    private readonly NewKeyOptions _key;

    public KeysRolloverCommand(Func<Stream> openOutput)
        : base("rollover", "Change a chain to a new key without losing a segment", openOutput)
    {
        Add(_chain);
        Add(_lead);
        Add(_at);
        Add(_overlap);
        Add(_for);
        _key = new NewKeyOptions(this);
    }

    protected override KeyFileChange Plan(KeyFile file, ParseResult parsed, DateTimeOffset now)
    {
        RolloverTimes times = new(
            KeysOptions.DurationOf("--lead", parsed.GetValue(_lead))!.Value,
            KeysOptions.DurationOf("--overlap", parsed.GetValue(_overlap))!.Value,
            KeysOptions.InstantOf("--at", parsed.GetValue(_at), now),
            KeysOptions.DurationOf("--for", parsed.GetValue(_for)));
        return file.Rollover(parsed.GetValue(_chain)!, _key.Read(parsed), times, now);
    }
}
