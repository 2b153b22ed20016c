using System.CommandLine;
using System.Text;
using System.Text.Json;
using TcpAo.Cli.Output.Keys;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys status</c>: is the peer on the new key yet? Exit 1 while one is not.</summary>
internal sealed class KeysStatusCommand : Command
{
    private readonly Argument<string?> _chain = new("chain") { Description = "only this key chain", HelpName = "CHAIN", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _json = KeysOptions.Json();
    private readonly Option<double> _watch = WatchOption.Create();
    private readonly Option<string?> _control = ControlOption.Create();
    private readonly Func<Stream> _openOutput;

    public KeysStatusCommand(Func<Stream> openOutput)
        : base("status", "Say of every connection of the running tcpao which keys it uses, and whether the peer is on the new one yet (asks the daemon, edits nothing)")
    {
        _openOutput = openOutput;
        Add(_chain);
        Add(_watch);
        Add(_control);
        Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        TimeSpan? pause = WatchOption.PauseOf(parsed, _watch);
        using Stream output = _openOutput();
        while (true)
        {
            byte[] answer = ControlOption.Ask(parsed.GetValue(_control), client => client.Status());
            HostSnapshot snapshot = JsonSerializer.Deserialize(answer, ControlJson.Default.HostSnapshot)!;
            string? chain = parsed.GetValue(_chain);
            if (chain is not null && !snapshot.KeyChains.Any(known => string.Equals(known.Name, chain, StringComparison.Ordinal)))
            {
                throw new UserErrorException($"the running tcpao has no key chain '{chain}'; it has {string.Join(", ", snapshot.KeyChains.Select(known => known.Name))}", ExitCodes.Usage);
            }

            KeyUseReport report = KeyUseReport.Of(snapshot, chain);
            if (parsed.GetValue(_json))
            {
                KeysJson.Write(output, Name, writer => Write(writer, snapshot, report));
            }
            else
            {
                output.Write(Encoding.UTF8.GetBytes(WatchOption.Page(KeyUseText.Of(report), pause is not null)));
            }

            output.Flush();
            if (pause is not { } rest)
            {
                return report.AnyLags ? ExitCodes.No : ExitCodes.Success;
            }

            Thread.Sleep(rest);
        }
    }

    private static void Write(Utf8JsonWriter writer, HostSnapshot snapshot, KeyUseReport report)
    {
        writer.WriteString("configuration", snapshot.Configuration);
        writer.Time("time", snapshot.Time);
        writer.WriteBoolean("settled", !report.AnyLags);
        writer.Array("key-chains", report.Chains, chain =>
        {
            writer.WriteStartObject();
            writer.WriteString("name", chain.Chain);
            writer.Number("send-id", chain.SendId);
            writer.Number("recv-id", chain.RecvId);
            writer.WriteNumber("connections", chain.Connections);
            writer.WriteNumber("settled", chain.Settled);
            writer.WriteNumber("lagging", chain.Lagging);
            writer.Time("next-change", chain.Next?.At);
            writer.Number("next-send-id", chain.Next?.SendKey);
            writer.Number("next-recv-id", chain.Next?.RnextKey);
            writer.Time("runs-out", chain.RunsOut);
            writer.WriteEndObject();
        });
        writer.Array("connections", report.Connections, use =>
        {
            writer.WriteStartObject();
            writer.WriteString("peer", use.Peer);
            writer.WriteString("chain", use.Chain);
            writer.WriteString("local", use.Local);
            writer.WriteString("remote", use.Remote);
            writer.Number("send-id", use.SendId);
            writer.Time("send-since", use.SendSince);
            writer.Number("wanted-send-id", use.WantedSendId);
            writer.Number("received-id", use.ReceivedId);
            writer.Time("received-since", use.ReceivedSince);
            writer.Number("wanted-received-id", use.WantedReceivedId);
            writer.Time("asked-since", use.AskedSince);
            writer.WriteBoolean("settled", use.IsSettled);
            writer.WriteString("pending", use.Pending);
            writer.WriteEndObject();
        });
    }
}
