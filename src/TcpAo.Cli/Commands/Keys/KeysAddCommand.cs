using System.CommandLine;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Keys;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys add CHAIN</c>: a key more in a chain.</summary>
internal sealed class KeysAddCommand : KeysChangeCommand
{
    private readonly Argument<string> _chain = KeysOptions.Chain();
    private readonly Option<string?> _sendFrom = new("--send-from") { Description = "when it begins to sign (default: at once)", HelpName = "TIME" };
    private readonly Option<string?> _sendUntil = new("--send-until") { Description = "when it stops signing (default: never)", HelpName = "TIME" };
    private readonly Option<string?> _acceptFrom = new("--accept-from") { Description = "when it is accepted (default: at once)", HelpName = "TIME" };
    private readonly Option<string?> _acceptUntil = new("--accept-until") { Description = "until when it is accepted (default: for ever)", HelpName = "TIME" };
    private readonly NewKeyOptions _key;

    public KeysAddCommand(Func<Stream> openOutput)
        : base("add", "Add a key to a chain", openOutput)
    {
        Add(_chain);
        _key = new NewKeyOptions(this);
        Add(_sendFrom);
        Add(_sendUntil);
        Add(_acceptFrom);
        Add(_acceptUntil);
    }

    protected override KeyFileChange Plan(KeyFile file, ParseResult parsed, DateTimeOffset now) => file.Add(parsed.GetValue(_chain)!, _key.Read(parsed) with
    {
        Send = Between(parsed, _sendFrom, _sendUntil, now),
        Accept = Between(parsed, _acceptFrom, _acceptUntil, now),
    });

    private static KeyLifetime Between(ParseResult parsed, Option<string?> from, Option<string?> until, DateTimeOffset now)
    {
        KeyLifetime lifetime = new(
            KeysOptions.InstantOf(from.Name, parsed.GetValue(from), now) ?? DateTimeOffset.MinValue,
            KeysOptions.InstantOf(until.Name, parsed.GetValue(until), now) ?? DateTimeOffset.MaxValue);
        return lifetime.IsEmpty ? throw new UserErrorException($"{until.Name} has to be later than {from.Name}", ExitCodes.Usage) : lifetime;
    }
}
