using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using TcpAo.Cli.Output;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.Telemetry;

namespace TcpAo.Cli.Commands;

/// <summary><c>tcpao trace</c>: what the engines of the running <c>tcpao run</c> notice, as it happens, under the names of Linux' trace events.</summary>
internal sealed class TraceCommand : Command
{
    private static readonly Option<string[]> s_events = new("--event") { Description = "an event of this name; may be given several times (default: all)", HelpName = "NAME" };

    // what each means is the program's business: it is asked for, and refused, there
    private static readonly Option<string?>[] s_conditions =
    [
        Condition("--peer", "ADDR[/LEN]", "the peer's address"),
        Condition("--source", "ADDR[:PORT]", "the end that stands first in the event; :PORT for a port alone"),
        Condition("--destination", "ADDR[:PORT]", "the other end"),
        Condition("--family", "4|6", "IPv4 or IPv6"),
        Condition("--l3index", "N", "index of the VRF's device, or of a link-local peer's interface; 0 for none"),
        Condition("--flags", "SFRPA", "flags that are set and, behind a hyphen, that are not, such as S-A"),
        Condition("--keyid", "N", "KeyID"),
        Condition("--rnext", "N", "RNextKeyID"),
        Condition("--maclen", "N", "bytes of MAC"),
        Condition("--namespace", "N", "network namespace, by its inode or its cookie"),
    ];

    private static readonly Option<long?> s_count = new("--count") { Description = "end after so many events", HelpName = "N" };
    private static readonly Option<bool> s_json = new("--json") { Description = "JSON, schema tcpao.trace/1, an object a line" };
    private static readonly Option<bool> s_list = new("--list") { Description = "print all events with their fields, and end" };
    private static readonly Option<string?> s_control = ControlOption.Create();

    private readonly Func<Stream> _openOutput;

    public TraceCommand(Func<Stream> openOutput)
        : base("trace", "Print what the running tcpao notices, as it happens: refused segments, key changes, wraps of sequence numbers")
    {
        _openOutput = openOutput;
        Add(s_events);
        foreach (Option<string?> condition in s_conditions)
        {
            Add(condition);
        }

        Add(s_count);
        Add(s_json);
        Add(s_list);
        Add(s_control);
        SetAction(Run);
    }

    private static Option<string?> Condition(string name, string help, string description) => new(name) { Description = description, HelpName = help };

    private int Run(ParseResult parsed)
    {
        using Stream output = _openOutput();
        if (parsed.GetValue(s_list))
        {
            output.Write(Encoding.UTF8.GetBytes(TraceText.List()));
            return ExitCodes.Success;
        }

        long? count = parsed.GetValue(s_count);
        if (count <= 0)
        {
            throw new UserErrorException(string.Create(CultureInfo.InvariantCulture, $"--count {count}: a number from 1"), ExitCodes.Usage);
        }

        using ControlClient client = ControlOption.Connect(parsed.GetValue(s_control));
        using TextReader lines = ControlOption.Ask(client, asked => asked.Trace(ConditionsOf(parsed)));
        Console.Error.WriteLine(count is null ? "tcpao: tracing until interrupted" : string.Create(CultureInfo.InvariantCulture, $"tcpao: tracing {count} events"));
        return Copy(lines, output, count, parsed.GetValue(s_json));
    }

    private static List<KeyValuePair<string, string>> ConditionsOf(ParseResult parsed)
    {
        var conditions = (parsed.GetValue(s_events) ?? []).Select(name => KeyValuePair.Create("event", name)).ToList();
        foreach (Option<string?> condition in s_conditions)
        {
            if (parsed.GetValue(condition) is { } value)
            {
                conditions.Add(KeyValuePair.Create(condition.Name.TrimStart('-'), value));
            }
        }

        return conditions;
    }

    private static int Copy(TextReader lines, Stream output, long? count, bool isJson)
    {
        for (long seen = 0; seen != count;)
        {
            if (Next(lines) is not { } line)
            {
                throw new UserErrorException("the tcpao that was traced has ended", ExitCodes.Unreachable);
            }

            TraceRecord record = JsonSerializer.Deserialize(line, TraceJson.Default.TraceRecord)!;
            output.Write(Encoding.UTF8.GetBytes($"{(isJson ? line : TraceText.Line(record))}\n"));
            output.Flush();
            seen += record.Lost is null ? 1 : 0;
        }

        return ExitCodes.Success;
    }

    /// <summary>The next line; null where the program has gone.</summary>
    private static string? Next(TextReader lines)
    {
        try
        {
            return lines.ReadLine();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
