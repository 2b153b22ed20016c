using System.CommandLine;
using TcpAo.Hosting.KeyFiles;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys unwrap</c>: write the wrapped secrets of a configuration in the clear.</summary>
internal sealed class KeysUnwrapCommand(Func<Stream> openOutput) : KeysChangeCommand("unwrap", "Write the wrapped secrets of a configuration in the clear", openOutput)
{
    protected override KeyFileChange Plan(KeyFile file, ParseResult parsed, DateTimeOffset now) => file.Unwrap();
}
