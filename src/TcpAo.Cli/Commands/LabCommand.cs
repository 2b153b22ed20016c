using System.CommandLine;
using TcpAo.Cli.Lab;
using TcpAo.Cli.Output;

namespace TcpAo.Cli.Commands;

/// <summary><c>tcpao lab</c>: hosts from network namespaces, real programs between them, attacks on them, and a table of what happened.</summary>
internal sealed class LabCommand : Command
{
    private const string DaemonsVariable = "TCPAO_LAB_DAEMONS";

    private static readonly Argument<string[]> s_names = new("NAME") { Description = "which scenarios; all without one", Arity = ArgumentArity.ZeroOrMore };
    private static readonly Option<bool> s_json = new("--json") { Description = "one JSON object a line for each case, then a summary object" };
    private static readonly Option<bool> s_list = new("--list", "-l") { Description = "list the scenarios" };
    private static readonly Option<string?> s_captures = new("--keep-captures") { Description = "leave a capture of each link, and the keys to verify it with, in this folder", HelpName = "DIR" };
    private static readonly Option<string?> s_daemons = new("--daemons") { Description = $"look for BGP daemons in this folder of unpacked packages too (default: ${DaemonsVariable})", HelpName = "DIR" };

    /// <summary>The lab inside its namespaces.</summary>
    private static readonly Option<bool> s_inside = new("--inside") { Hidden = true };

    private readonly Func<Stream> _openOutput;

    public LabCommand(Func<Stream> openOutput)
        : base("lab", "Show it on this machine: two hosts, attacks without and with TcpAo, a table. Needs no root, changes nothing")
    {
        _openOutput = openOutput;
        Add(s_names);
        Add(s_json);
        Add(s_list);
        Add(s_captures);
        Add(s_daemons);
        Add(s_inside);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        bool isJson = parsed.GetValue(s_json);
        ILabScenario[] scenarios = Choose(parsed.GetValue(s_names) ?? []);
        if (parsed.GetValue(s_list))
        {
            using var writer = new StreamWriter(_openOutput());
            foreach (ILabScenario scenario in scenarios)
            {
                writer.WriteLine($"{scenario.Name,-10} {scenario.Description}");
            }

            return ExitCodes.Success;
        }

        string? captures = MakeFolder(parsed.GetValue(s_captures));
        string? daemons = parsed.GetValue(s_daemons) ?? Environment.GetEnvironmentVariable(DaemonsVariable);
        if (daemons is not null && !Directory.Exists(daemons))
        {
            throw new UserErrorException($"{daemons}: there is no such folder of daemons", ExitCodes.Usage);
        }

        if (!parsed.GetValue(s_inside))
        {
            string[] options = [.. Option(isJson, s_json.Name), .. Option(captures, s_captures.Name), .. Option(daemons, s_daemons.Name)];
            return LabLauncher.Run(Name, [Name, s_inside.Name, .. options, .. scenarios.Select(scenario => scenario.Name)]);
        }

        LabLauncher.EndWithLauncher();
        using Stream stdout = _openOutput();
        using ILabOutput output = isJson ? new JsonLabOutput(stdout) : new TextLabOutput(stdout);
        return LabRun.Execute(new LabArguments(scenarios, daemons, captures), output, Console.Error);
    }

    private static ILabScenario[] Choose(string[] names)
    {
        string? unknown = names.FirstOrDefault(name => !LabScenarios.All.Any(scenario => string.Equals(scenario.Name, name, StringComparison.Ordinal)));
        return unknown is null
            ? [.. LabScenarios.All.Where(scenario => names.Length == 0 || names.Contains(scenario.Name, StringComparer.Ordinal))]
            : throw new UserErrorException($"there is no scenario '{unknown}'; there are {string.Join(", ", LabScenarios.All.Select(scenario => scenario.Name))}", ExitCodes.Usage);
    }

    private static string? MakeFolder(string? path)
    {
        try
        {
            return path is null ? null : Directory.CreateDirectory(path).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: cannot be made: {error.Message}", ExitCodes.Usage);
        }
    }

    private static string[] Option(bool isSet, string name) => isSet ? [name] : [];

    private static string[] Option(string? value, string name) => value is null ? [] : [name, Path.GetFullPath(value)];
}
