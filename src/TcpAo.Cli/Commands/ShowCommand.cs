using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using TcpAo.Cli.Output;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Cli.Commands;

/// <summary><c>tcpao show</c>: what the running <c>tcpao run</c> protects, what it refused and why. It needs no configuration.</summary>
internal sealed class ShowCommand : Command
{
    private const int Narrowest = 80;

    private static readonly string[] s_parts = ["all", "peers", "connections", "keys", "counters", "refusals"];

    private static readonly Argument<string> s_part = new("what")
    {
        Description = $"{string.Join(", ", s_parts[..^1])} or {s_parts[^1]}",
        DefaultValueFactory = _ => s_parts[0],
        HelpName = "WHAT",
    };

    private static readonly Option<bool> s_json = new("--json") { Description = "JSON, schema tcpao.show/1: everything, whatever WHAT says" };

    private static readonly Option<double> s_watch = WatchOption.Create();

    private static readonly Option<string?> s_control = ControlOption.Create();

    private readonly Func<Stream> _openOutput;

    public ShowCommand(Func<Stream> openOutput)
        : base("show", "Show peers, connections, keys, counters and the last refusals of the running tcpao")
    {
        _openOutput = openOutput;
        s_part.AcceptOnlyFromAmong(s_parts);
        Add(s_part);
        Add(s_json);
        Add(s_watch);
        Add(s_control);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        TimeSpan? pause = WatchOption.PauseOf(parsed, s_watch);
        using Stream output = _openOutput();
        while (true)
        {
            byte[] answer = ControlOption.Ask(parsed.GetValue(s_control), client => client.Status());
            if (parsed.GetValue(s_json))
            {
                output.Write([.. answer, (byte)'\n']);
            }
            else
            {
                HostSnapshot snapshot = JsonSerializer.Deserialize(answer, ControlJson.Default.HostSnapshot)!;
                string text = ShowText.Of(snapshot, parsed.GetValue(s_part)!, Console.IsOutputRedirected ? null : Math.Max(Console.WindowWidth, Narrowest));
                output.Write(Encoding.UTF8.GetBytes(WatchOption.Page(text, pause is not null)));
            }

            output.Flush();
            if (pause is not { } rest)
            {
                return ExitCodes.Success;
            }

            Thread.Sleep(rest);
        }
    }
}
