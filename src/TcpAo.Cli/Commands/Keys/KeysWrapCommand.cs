using System.CommandLine;
using TcpAo.Hosting.KeyFiles;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys wrap</c>: wrap all secrets of a configuration under a key-encryption key.</summary>
internal sealed class KeysWrapCommand(Func<Stream> openOutput) : KeysChangeCommand("wrap", "Wrap all secrets of a configuration under a key-encryption key", openOutput)
{
    protected override KeyFileChange Plan(KeyFile file, ParseResult parsed, DateTimeOffset now) => file.Wrap();
}
