using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using TcpAo.Cli.Output.Keys;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.Recipes;
using TcpAo.KeyChains;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys export</c>: key chains in RFC 8177 JSON, or the configuration of the other side in the words of its kind of router.</summary>
internal sealed class KeysExportCommand : Command
{
    private const string Yang = "yang";

    private readonly Argument<string?> _chain = new("chain") { Description = "the key chain (default: the peer's, or all of them for yang)", HelpName = "CHAIN", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _config = KeysOptions.Config();
    private readonly Option<string?> _kekFile = KeysOptions.KekFile();
    private readonly Option<string> _format = new("--format", "-f") { Description = $"yang: RFC 8177 and RFC 9648 as RFC 7951 JSON; or the other side's configuration: {string.Join(", ", RecipeBook.All.Select(recipe => recipe.Name))}", HelpName = "FORMAT", DefaultValueFactory = _ => Yang };
    private readonly Option<string?> _peer = new("--peer") { Description = "the peer whose configuration it is: its chain, and our address as its neighbour", HelpName = "NAME" };
    private readonly Option<string?> _address = new("--our-address") { Description = "our address, where the peer's local: is not one", HelpName = "ADDRESS" };
    private readonly Option<bool> _secrets = new("--with-secrets") { Description = "write secrets in the clear; otherwise they are left out, or a mark stands for them" };
    private readonly Option<bool> _wrapped = new("--wrapped") { Description = "yang: write secrets wrapped under the key-encryption key (RFC 5649)" };
    private readonly Option<bool> _otherSide = new("--other-side") { Description = "yang: for the other side, with send and receive ids swapped; recipes always are" };
    private readonly Option<bool> _json = new("--json") { Description = "a recipe as a JSON object, schema tcpao.keys/1; yang is JSON anyway" };
    private readonly Func<Stream> _openOutput;

    public KeysExportCommand(Func<Stream> openOutput)
        : base("export", "Print key chains as RFC 8177 JSON, or the configuration that the other side needs (edits nothing)")
    {
        _openOutput = openOutput;
        _format.AcceptOnlyFromAmong([Yang, .. RecipeBook.All.Select(recipe => recipe.Name)]);
        Add(_chain);
        Add(_config);
        Add(_kekFile);
        Add(_format);
        Add(_peer);
        Add(_address);
        Add(_secrets);
        Add(_wrapped);
        Add(_otherSide);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        KeyFile file = KeysOptions.Open(parsed.GetValue(_config)!, parsed.GetValue(_kekFile));
        PeerConfiguration? peer = Peer(file, parsed.GetValue(_peer));
        string? name = parsed.GetValue(_chain) ?? peer?.KeyChain.Name;
        if (peer is not null && !string.Equals(peer.KeyChain.Name, name, StringComparison.Ordinal))
        {
            throw new UserErrorException($"peer {peer.Name} has chain {peer.KeyChain.Name}, not {name}", ExitCodes.Usage);
        }

        string format = parsed.GetValue(_format)!;
        using Stream output = _openOutput();
        if (string.Equals(format, Yang, StringComparison.Ordinal))
        {
            WriteYang(output, file, name, parsed);
        }
        else
        {
            WriteRecipe(output, file, RecipeBook.Find(format)!, name, peer, parsed);
        }

        return ExitCodes.Success;
    }

    private static PeerConfiguration? Peer(KeyFile file, string? name) => name is null ? null
        : file.Configuration.Peers.FirstOrDefault(peer => string.Equals(peer.Name, name, StringComparison.Ordinal))
        ?? throw new UserErrorException($"{file.Path}: there is no peer '{name}'", ExitCodes.Usage);

    private void WriteYang(Stream output, KeyFile file, string? name, ParseResult parsed)
    {
        bool isWrapped = parsed.GetValue(_wrapped);
        bool withSecrets = parsed.GetValue(_secrets);
        if (isWrapped && withSecrets)
        {
            throw new UserErrorException("only one of --wrapped and --with-secrets may be given", ExitCodes.Usage);
        }

        byte[] json = KeysOptions.Guard(() =>
        {
            KeyChain[] chains = name is null ? [.. file.Configuration.KeyChains] : [file.Chain(name)];
            KeyEncryptionKey? kek = isWrapped ? file.KeyEncryptionKey() : null;
            return YangJson.Write(KeyChainExport.Of(file, chains, withSecrets, kek, parsed.GetValue(_otherSide)));
        });
        output.Write(json);
        CryptographicOperations.ZeroMemory(json);
        if (!isWrapped && !withSecrets)
        {
            Console.Error.WriteLine("tcpao: the secrets are left out; --wrapped or --with-secrets writes them");
        }
    }

    private void WriteRecipe(Stream output, KeyFile file, Recipe recipe, string? name, PeerConfiguration? peer, ParseResult parsed)
    {
        if (parsed.GetValue(_wrapped) || parsed.GetValue(_otherSide))
        {
            throw new UserErrorException("--wrapped and --other-side are for yang: a recipe is always for the other side, and routers have no RFC 5649", ExitCodes.Usage);
        }

        if (name is null)
        {
            throw new UserErrorException("a recipe needs the name of a chain, or --peer NAME", ExitCodes.Usage);
        }

        KeyChain chain = KeysOptions.Guard(() => file.Chain(name));
        try
        {
            string text = recipe.Write(new RecipeRequest(chain, DateTimeOffset.UtcNow) { Peer = peer, OurAddress = parsed.GetValue(_address), WithSecrets = parsed.GetValue(_secrets) });
            if (parsed.GetValue(_json))
            {
                KeysJson.Write(output, Name, writer =>
                {
                    writer.WriteString("format", recipe.Name);
                    writer.WriteString("chain", chain.Name);
                    writer.Strings("lines", text.TrimEnd('\n').Split('\n'));
                });
            }
            else
            {
                output.Write(Encoding.UTF8.GetBytes(text));
            }

            if (!parsed.GetValue(_secrets))
            {
                Console.Error.WriteLine("tcpao: a mark stands for each secret; --with-secrets writes them");
            }
        }
        catch (RecipeException error)
        {
            throw new UserErrorException(string.Join("\ntcpao: ", error.Sentences), ExitCodes.No);
        }
    }
}
