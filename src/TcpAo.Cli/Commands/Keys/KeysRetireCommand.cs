using System.CommandLine;
using TcpAo.Hosting.KeyFiles;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys retire CHAIN ID</c>: takes a key out of a chain that nobody needs any more, or with <c>--force</c> swaps it for another.</summary>
internal sealed class KeysRetireCommand : KeysChangeCommand
{
    private readonly Argument<string> _chain = KeysOptions.Chain();
    private readonly Argument<ulong> _id = new("id") { Description = "number of the key in the chain", HelpName = "ID" };
    private readonly Option<bool> _force = new("--force") { Description = "also a key that signs now; needs --replacement" };
    private readonly Option<ulong?> _replacement = new("--replacement") { Description = "the key that takes its place at once", HelpName = "ID" };

    public KeysRetireCommand(Func<Stream> openOutput)
        : base("retire", "Take a key out of a chain", openOutput)
    {
        Add(_chain);
        Add(_id);
        Add(_force);
        Add(_replacement);
    }

    protected override KeyFileChange Plan(KeyFile file, ParseResult parsed, DateTimeOffset now)
    {
        bool isForced = parsed.GetValue(_force);
        ulong? replacement = parsed.GetValue(_replacement);
        return isForced != (replacement is not null)
            ? throw new UserErrorException("--force and --replacement ID belong together: the one that goes is swapped for the other in one step", ExitCodes.Usage)
            : file.Retire(parsed.GetValue(_chain)!, parsed.GetValue(_id), replacement, now);
    }
}
