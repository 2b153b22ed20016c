using System.CommandLine;
using System.Text.Json;
using TcpAo.Cli.Output;
using TcpAo.Hosting.Control.Status;

namespace TcpAo.Cli.Commands;

/// <summary><c>tcpao reload [--dry-run]</c>: has the running <c>tcpao run</c> read its configuration again, or say what that would change and cut.</summary>
internal sealed class ReloadCommand : Command
{
    private static readonly Option<bool> s_dryRun = new("--dry-run") { Description = "change nothing; say what would change, and which connections would be cut" };
    private static readonly Option<bool> s_json = new("--json") { Description = "JSON, schema tcpao.reload/1" };
    private static readonly Option<string?> s_control = ControlOption.Create();

    private readonly Func<Stream> _openOutput;

    public ReloadCommand(Func<Stream> openOutput)
        : base("reload", "Have the running tcpao read its configuration again")
    {
        _openOutput = openOutput;
        Add(s_dryRun);
        Add(s_json);
        Add(s_control);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        bool isDry = parsed.GetValue(s_dryRun);
        byte[] answer = ControlOption.Ask(parsed.GetValue(s_control), client => client.Reload(isDry));
        using Stream output = _openOutput();
        if (parsed.GetValue(s_json))
        {
            output.Write([.. answer, (byte)'\n']);
            return ExitCodes.Success;
        }

        ReloadPlan plan = JsonSerializer.Deserialize(answer, ControlJson.Default.ReloadPlan)!;
        foreach (string warning in plan.Warnings)
        {
            Console.Error.WriteLine($"tcpao: warning: {warning}");
        }

        ReloadText.Write(plan, output);
        return ExitCodes.Success;
    }
}
