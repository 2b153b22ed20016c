using System.CommandLine;
using TcpAo.Hosting.KeyFiles;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys rewrap</c>: changes the key-encryption key.</summary>
internal sealed class KeysRewrapCommand : KeysChangeCommand
{
    private readonly Option<string> _newKek = new("--new-kek-file") { Description = "file with the key-encryption key from then on", HelpName = "FILE", Required = true };

    public KeysRewrapCommand(Func<Stream> openOutput)
        : base("rewrap", "Wrap the wrapped secrets of a configuration under another key-encryption key", openOutput) => Add(_newKek);

    protected override KeyFileChange Plan(KeyFile file, ParseResult parsed, DateTimeOffset now) => file.Rewrap(parsed.GetValue(_newKek)!);
}
