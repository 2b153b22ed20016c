using System.CommandLine;
using TcpAo.Capture;
using TcpAo.Cli.Output;
using TcpAo.Cli.Verify;

namespace TcpAo.Cli.Commands;

/// <summary><c>tcpao verify FILE --keys KEYS.yaml</c>: which segments of a capture are authentic, and why the others are not.</summary>
internal sealed class VerifyCommand : Command
{
    private static readonly Argument<string> s_file = new("FILE") { Description = "capture file, pcap or pcapng" };
    private static readonly Option<string> s_keys = new("--keys", "-k") { Description = "configuration with key-chains, and peers if they are to be expected", Required = true, HelpName = "KEYS.yaml" };
    private static readonly Option<bool> s_json = new("--json") { Description = "one JSON object a line for each TCP segment, then a summary object" };
    private static readonly Option<bool> s_segments = new("--segments", "-s") { Description = "list every TCP segment, not only the first bad ones" };
    private static readonly Option<bool> s_onlyBad = new("--only-bad", "-b") { Description = "list every segment that is neither valid nor foreign to TCP-AO" };
    private static readonly Option<string> s_connection = new("--connection", "-c")
    {
        Description = "only segments of this connection: ADDR:PORT, or ADDR:PORT-ADDR:PORT; IPv6 as [ADDR]:PORT",
        HelpName = "ENDS",
    };

    private static readonly Option<string[]> s_isns = new("--isns")
    {
        Description = "initial sequence numbers of a connection that began before the capture: ADDR:PORT=ISN[/SNE],ADDR:PORT=ISN[/SNE]; may be repeated",
        HelpName = "ENDS",
    };

    private static readonly Option<string?> s_kekFile = Keys.KeysOptions.KekFile();

    private readonly Func<Stream> _openOutput;

    public VerifyCommand(Func<Stream> openOutput)
        : base("verify", "Say of every TCP segment in a capture whether it is authentic, and why not")
    {
        _openOutput = openOutput;
        Add(s_file);
        Add(s_keys);
        Add(s_json);
        Add(s_segments);
        Add(s_onlyBad);
        Add(s_connection);
        Add(s_isns);
        Add(s_kekFile);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        ConnectionFilter? filter = EndpointText.ParseFilter(parsed.GetValue(s_connection));
        KnownIsns[] isns = [.. (parsed.GetValue(s_isns) ?? []).Select(EndpointText.ParseIsns)];
        CaptureKeysFile keys = CaptureKeysFile.Load(parsed.GetValue(s_keys)!, parsed.GetValue(s_kekFile));

        string file = parsed.GetValue(s_file)!;
        bool onlyBad = parsed.GetValue(s_onlyBad);
        using Stream stdout = _openOutput();
        using IVerifyOutput output = parsed.GetValue(s_json)
            ? new JsonVerifyOutput(stdout, onlyBad)
            : new TextVerifyOutput(stdout, file, onlyBad, parsed.GetValue(s_segments));
        var run = new VerifyRun(file, keys.Keys, filter, isns, Environment.ProcessorCount);
        return run.Execute(output, new Progress(Console.Error, !Console.IsErrorRedirected));
    }
}
