using System.CommandLine;
using System.Text;
using System.Text.Json;
using TcpAo.Hosting.Control;
using TcpAo.Hosting.DataPlane;
using TcpAo.Hosting.Diagnosis;

namespace TcpAo.Cli.Commands;

/// <summary><c>tcpao doctor [-c FILE]</c>: looks at kernel, privileges, rules, state and configuration; only reports.</summary>
internal sealed class DoctorCommand : Command
{
    private static readonly Option<string?> s_config = new("--config", "-c") { Description = "configuration to look at as well", HelpName = "FILE" };
    private static readonly Option<bool> s_json = new("--json") { Description = "JSON, schema tcpao.doctor/1" };
    private static readonly Option<string?> s_state = new("--state") { Description = "state file of the tcpao to look at (default: that of this network namespace, below /run/tcpao)", HelpName = "FILE" };
    private static readonly Option<string?> s_control = ControlOption.Create();

    private readonly Func<Stream> _openOutput;

    public DoctorCommand(Func<Stream> openOutput)
        : base("doctor", "Say what is wrong with this host, and the command that would mend it; changes nothing")
    {
        _openOutput = openOutput;
        Add(s_config);
        Add(s_json);
        Add(s_state);
        Add(s_control);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        string state = Path.GetFullPath(parsed.GetValue(s_state) ?? ProtectedHostOptions.DefaultStatePath());
        string control = parsed.GetValue(s_control) is { } path ? Path.GetFullPath(path) : ControlServer.PathBeside(state);
        DoctorReport report = new Doctor(state, control, parsed.GetValue(s_config)).Examine();
        using Stream output = _openOutput();
        if (parsed.GetValue(s_json))
        {
            output.Write([.. JsonSerializer.SerializeToUtf8Bytes(report, DoctorJson.Default.DoctorReport), (byte)'\n']);
        }
        else
        {
            output.Write(Encoding.UTF8.GetBytes(TextOf(report)));
        }

        return report.Healthy ? ExitCodes.Success : ExitCodes.No;
    }

    private static string TextOf(DoctorReport report)
    {
        const int Width = 8;
        var text = new StringBuilder();
        foreach (DoctorCheck check in report.Checks)
        {
            text.Append($"{check.Result.PadRight(Width)}{check.Name}: {check.Text}\n");
            if (check.Mend is not null)
            {
                text.Append($"{string.Empty.PadRight(Width)}  mend: {check.Mend}\n");
            }
        }

        int problems = report.Checks.Count(check => string.Equals(check.Result, "problem", StringComparison.Ordinal));
        return text.Append(report.Healthy ? "nothing is wrong\n" : $"{problems} problems\n").ToString();
    }
}
