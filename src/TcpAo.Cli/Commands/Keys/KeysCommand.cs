using System.CommandLine;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys</c>: the life of keys, from the first to the last (docs/guide/keys.md).</summary>
internal sealed class KeysCommand : Command
{
    public KeysCommand(Func<Stream> openOutput)
        : base("keys", "Make, list, check, change and hand over keys, and see who uses which")
    {
        Add(new KeysGenerateCommand(openOutput));
        Add(new KeysListCommand(openOutput));
        Add(new KeysCheckCommand(openOutput));
        Add(new KeysTimelineCommand(openOutput));
        Add(new KeysStatusCommand(openOutput));
        Add(new KeysAddCommand(openOutput));
        Add(new KeysRolloverCommand(openOutput));
        Add(new KeysRetireCommand(openOutput));
        Add(new KeysImportCommand(openOutput));
        Add(new KeysExportCommand(openOutput));
        Add(new KeysWrapCommand(openOutput));
        Add(new KeysUnwrapCommand(openOutput));
        Add(new KeysRewrapCommand(openOutput));
    }
}
