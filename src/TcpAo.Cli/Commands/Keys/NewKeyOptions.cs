using System.CommandLine;
using TcpAo.Crypto;
using TcpAo.Hosting.KeyFiles;

namespace TcpAo.Cli.Commands.Keys;

/// <summary>The options that describe a new key, for <c>add</c> and <c>rollover</c>.</summary>
internal sealed class NewKeyOptions
{
    private static readonly string[] s_storages = ["inline", "file", "wrapped"];

    private readonly Option<ulong?> _id = new("--id") { Description = "number in the chain (default: the next)", HelpName = "N" };
    private readonly Option<byte?> _sendId = new("--send-id") { Description = "KeyID of what we sign (default: one that is free in both directions)", HelpName = "N" };
    private readonly Option<byte?> _recvId = new("--recv-id") { Description = "KeyID of what the peer signs (default: as --send-id)", HelpName = "N" };
    private readonly Option<string?> _algorithm = KeysOptions.Algorithm("the chain's");
    private readonly Option<int?> _macLength = new("--mac-length") { Description = "bytes of MAC, 4 to 16 (default: the chain's)", HelpName = "N" };
    private readonly Option<bool?> _options = new("--include-tcp-options") { Description = "whether the MAC covers the other TCP options (default: as in the chain)", HelpName = "true|false" };
    private readonly Option<string?> _secretFile = new("--secret-file") { Description = "take the secret from this file; its bytes less one line end are the key (default: a random one)", HelpName = "FILE" };
    private readonly Option<bool> _secretStdin = new("--secret-stdin") { Description = "take the secret from standard input, likewise" };
    private readonly Option<bool?> _text = new("--text") { Description = "whether a random secret is letters and digits, as routers take them (default: as the chain's are)", HelpName = "true|false", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _store = new("--store") { Description = "where the secret goes: inline, file or wrapped (default: as in the chain)", HelpName = "WHERE" };

    public NewKeyOptions(Command command)
    {
        _store.AcceptOnlyFromAmong(s_storages);
        command.Add(_id);
        command.Add(_sendId);
        command.Add(_recvId);
        command.Add(_algorithm);
        command.Add(_macLength);
        command.Add(_options);
        command.Add(_secretFile);
        command.Add(_secretStdin);
        command.Add(_text);
        command.Add(_store);
    }

    /// <summary>The key as it was described.</summary>
    /// <exception cref="UserErrorException">The options contradict one another.</exception>
    public NewKey Read(ParseResult parsed)
    {
        string? secretFile = parsed.GetValue(_secretFile);
        bool fromInput = parsed.GetValue(_secretStdin);
        if (secretFile is not null && fromInput)
        {
            throw new UserErrorException("only one of --secret-file and --secret-stdin may be given", ExitCodes.Usage);
        }

        Secret? secret = null;
        if (secretFile is not null)
        {
            secret = SecretInput.FromFile(secretFile);
        }
        else if (fromInput)
        {
            using Stream input = Console.OpenStandardInput();
            secret = SecretInput.FromStream(input);
        }

        return new NewKey
        {
            Id = parsed.GetValue(_id),
            SendId = parsed.GetValue(_sendId),
            RecvId = parsed.GetValue(_recvId),
            Algorithm = KeysOptions.AlgorithmOf(parsed.GetValue(_algorithm)),
            MacLength = parsed.GetValue(_macLength),
            IncludeTcpOptions = parsed.GetValue(_options),
            Secret = secret,
            AsText = parsed.GetValue(_text) ?? (parsed.GetResult(_text) is { Implicit: false } ? true : null),
            Storage = parsed.GetValue(_store) switch
            {
                "inline" => SecretStorage.Inline,
                "file" => SecretStorage.File,
                "wrapped" => SecretStorage.Wrapped,
                _ => SecretStorage.AsBefore,
            },
        };
    }
}
