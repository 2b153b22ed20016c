using System.Collections.Concurrent;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using TcpAo.Cli.Output.Keys;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyFiles;
using TcpAo.KeyChains;
using TcpAo.Keys;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys list</c>: the keys of a configuration and what they do now; never a secret.</summary>
internal sealed class KeysListCommand : Command
{
    private readonly Argument<string?> _chain = new("chain") { Description = "only this key chain", HelpName = "CHAIN", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _config = KeysOptions.Config();
    private readonly Option<string?> _kekFile = KeysOptions.KekFile();
    private readonly Option<bool> _json = KeysOptions.Json();
    private readonly Option<bool> _noFingerprints = new("--no-fingerprints") { Description = "leave out the fingerprints, which take some tenths of a second each" };
    private readonly Option<string?> _salt = new("--salt") { Description = "text to salt the fingerprints with, where the other side calls chain or key by another name (default: CHAIN/ID)", HelpName = "TEXT" };
    private readonly Func<Stream> _openOutput;

    public KeysListCommand(Func<Stream> openOutput)
        : base("list", "List the keys of a configuration and what they do now (edits nothing)")
    {
        _openOutput = openOutput;
        Add(_chain);
        Add(_config);
        Add(_kekFile);
        Add(_noFingerprints);
        Add(_salt);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        KeyFile file = KeysOptions.Open(parsed.GetValue(_config)!, parsed.GetValue(_kekFile));
        KeyChain[] chains = parsed.GetValue(_chain) is { } name ? [KeysOptions.Guard(() => file.Chain(name))] : [.. file.Configuration.KeyChains];
        foreach (ConfigurationError warning in file.Configuration.Warnings)
        {
            Console.Error.WriteLine($"tcpao: warning: {warning}");
        }

        DateTimeOffset now = DateTimeOffset.UtcNow;
        IReadOnlyDictionary<AoKey, string>? fingerprints = parsed.GetValue(_noFingerprints) ? null : Fingerprints(chains, parsed.GetValue(_salt));
        using Stream output = _openOutput();
        if (parsed.GetValue(_json))
        {
            KeysJson.Write(output, Name, writer =>
            {
                writer.WriteString("configuration", file.Path);
                writer.Time("time", now);
                writer.Array("key-chains", chains, chain => Write(writer, chain, fingerprints, now));
            });
        }
        else
        {
            output.Write(Encoding.UTF8.GetBytes(KeyListText.Table(chains, fingerprints, now)));
        }

        return ExitCodes.Success;
    }

    private static ConcurrentDictionary<AoKey, string> Fingerprints(IEnumerable<KeyChain> chains, string? salt)
    {
        var fingerprints = new ConcurrentDictionary<AoKey, string>();
        Parallel.ForEach(
            chains.SelectMany(chain => chain.Keys.Select(entry => (chain, entry))),
            pair => fingerprints[pair.entry.Key] = KeyFingerprint.Of(pair.entry.Key.MasterKey, salt ?? KeyFingerprint.SaltOf(pair.chain, pair.entry)));
        return fingerprints;
    }

    private static void Write(Utf8JsonWriter writer, KeyChain chain, IReadOnlyDictionary<AoKey, string>? fingerprints, DateTimeOffset now)
    {
        writer.WriteStartObject();
        writer.WriteString("name", chain.Name);
        writer.WriteNumber("accept-tolerance", (long)chain.AcceptTolerance.TotalSeconds);
        writer.Array("keys", chain.Keys, entry =>
        {
            AoKey key = entry.Key;
            bool hasIds = !key.Algorithm.IsTcpMd5;
            writer.WriteStartObject();
            writer.WriteNumber("id", entry.Id);
            writer.Number("send-id", hasIds ? key.SendId : null);
            writer.Number("recv-id", hasIds ? key.RecvId : null);
            writer.WriteString("algorithm", key.Algorithm.Name);
            writer.WriteNumber("mac-length", key.MacLength);
            writer.WriteBoolean("include-tcp-options", key.IncludeTcpOptions);
            writer.WriteString("state", KeyListText.StateOf(chain, key, now));
            writer.WriteBoolean("signs", key.CanSend(now));
            writer.WriteBoolean("accepted", key.CanAccept(now));
            writer.Time("send-start", key.SendLifetime.IsEmpty ? null : key.SendLifetime.Start);
            writer.Time("send-end", key.SendLifetime.IsEmpty ? null : key.SendLifetime.End);
            writer.Time("accept-start", key.AcceptLifetime.IsEmpty ? null : key.AcceptLifetime.Start);
            writer.Time("accept-end", key.AcceptLifetime.IsEmpty ? null : key.AcceptLifetime.End);
            writer.WriteBoolean("never-signs", key.SendLifetime.IsEmpty);
            writer.WriteBoolean("never-accepted", key.AcceptLifetime.IsEmpty);
            writer.WriteString("fingerprint", fingerprints?[key]);
            writer.WriteEndObject();
        });
        writer.WriteEndObject();
    }
}
