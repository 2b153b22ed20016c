using System.CommandLine;
using System.Text;
using System.Text.Json;
using TcpAo.Cli.Output.Keys;
using TcpAo.Hosting.KeyFiles;
using TcpAo.KeyChains;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys timeline</c>: past, now and the next changes of each chain, in the terminal and as SVG.</summary>
internal sealed class KeysTimelineCommand : Command
{
    private readonly Argument<string?> _chain = new("chain") { Description = "only this key chain", HelpName = "CHAIN", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _config = KeysOptions.Config();
    private readonly Option<string?> _kekFile = KeysOptions.KekFile();
    private readonly Option<string?> _svg = new("--svg") { Description = "write the picture into this file as SVG", HelpName = "FILE" };
    private readonly Option<bool> _json = KeysOptions.Json();
    private readonly Func<Stream> _openOutput;

    public KeysTimelineCommand(Func<Stream> openOutput)
        : base("timeline", "Show past, now and the next changes of each chain (edits nothing)")
    {
        _openOutput = openOutput;
        Add(_chain);
        Add(_config);
        Add(_kekFile);
        Add(_svg);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        KeyFile file = KeysOptions.Open(parsed.GetValue(_config)!, parsed.GetValue(_kekFile));
        KeyChain[] chains = parsed.GetValue(_chain) is { } name ? [KeysOptions.Guard(() => file.Chain(name))] : [.. file.Configuration.KeyChains];
        DateTimeOffset now = DateTimeOffset.UtcNow;
        if (parsed.GetValue(_svg) is { } svg)
        {
            WriteSvg(svg, TimelineSvg.Of(chains, now));
        }

        using Stream output = _openOutput();
        if (parsed.GetValue(_json))
        {
            KeysJson.Write(output, Name, writer => Write(writer, file, chains, now));
        }
        else
        {
            output.Write(Encoding.UTF8.GetBytes(string.Join('\n', chains.Select(chain => TimelineText.Of(chain, now)))));
        }

        return ExitCodes.Success;
    }

    private static void WriteSvg(string path, string svg)
    {
        try
        {
            File.WriteAllText(path, svg);
            Console.Error.WriteLine($"tcpao: {path} is written");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot write '{path}': {error.Message}", ExitCodes.Usage);
        }
    }

    private static void Write(Utf8JsonWriter writer, KeyFile file, IEnumerable<KeyChain> chains, DateTimeOffset now)
    {
        writer.WriteString("configuration", file.Path);
        writer.Time("time", now);
        writer.Array("key-chains", chains, chain =>
        {
            writer.WriteStartObject();
            writer.WriteString("name", chain.Name);
            writer.WriteString("signs", KeyChainSelector.SendKey(chain, now)?.Name);
            writer.WriteString("asks-for", KeyChainSelector.RNextKey(chain, now)?.Name);
            writer.Array("changes", TimelineText.Changes(chain, now), change =>
            {
                writer.WriteStartObject();
                writer.Time("time", change.At);
                writer.WriteString("what", change.What);
                writer.WriteEndObject();
            });
            writer.WriteEndObject();
        });
    }
}
