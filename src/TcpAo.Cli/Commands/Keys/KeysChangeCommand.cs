using System.CommandLine;
using System.Text;
using System.Text.Json;
using TcpAo.Cli.Output;
using TcpAo.Cli.Output.Keys;
using TcpAo.Hosting.Control.Status;
using TcpAo.Hosting.KeyFiles;

namespace TcpAo.Cli.Commands.Keys;

/// <summary>A verb that edits a configuration file: it says what changes, changes it or not, and may have the running tcpao read it.</summary>
internal abstract class KeysChangeCommand : Command
{
    private readonly Option<string> _config = KeysOptions.Config();
    private readonly Option<string?> _kekFile = KeysOptions.KekFile();
    private readonly Option<bool> _dryRun = KeysOptions.DryRun();
    private readonly Option<bool> _json = KeysOptions.Json();
    private readonly Option<bool> _reload = new("--reload") { Description = "have the running tcpao read its configuration afterwards" };
    private readonly Option<string?> _control = ControlOption.Create();
    private readonly Func<Stream> _openOutput;

    protected KeysChangeCommand(string name, string description, Func<Stream> openOutput)
        : base(name, $"{description} (edits the file)")
    {
        _openOutput = openOutput;
        Add(_config);
        Add(_kekFile);
        Add(_dryRun);
        Add(_reload);
        Add(_control);
        Add(_json);
        SetAction(Run);
    }

    /// <summary>What the verb changes in <paramref name="file"/>.</summary>
    protected abstract KeyFileChange Plan(KeyFile file, ParseResult parsed, DateTimeOffset now);

    private int Run(ParseResult parsed)
    {
        KeyFile file = KeysOptions.Open(parsed.GetValue(_config)!, parsed.GetValue(_kekFile));
        KeyFileChange change = KeysOptions.Guard(() => Plan(file, parsed, DateTimeOffset.UtcNow));
        bool isDry = parsed.GetValue(_dryRun);
        if (!isDry && !change.IsEmpty)
        {
            KeysOptions.Guard(() =>
            {
                change.Commit();
                return true;
            });
        }

        foreach (string warning in change.Warnings)
        {
            Console.Error.WriteLine($"tcpao: warning: {warning}");
        }

        using Stream output = _openOutput();
        ReloadPlan? plan = parsed.GetValue(_reload) && !isDry ? Reload(change.Path, parsed.GetValue(_control)) : null;
        if (parsed.GetValue(_json))
        {
            WriteJson(output, change, isDry, plan);
            return ExitCodes.Success;
        }

        output.Write(Encoding.UTF8.GetBytes(string.Concat(change.Details.Select(line => $"{line}\n"))));
        if (plan is not null)
        {
            ReloadText.Write(plan, output);
        }

        Console.Error.WriteLine(End(change, isDry, plan is not null));
        return ExitCodes.Success;
    }

    private static string End(KeyFileChange change, bool isDry, bool isReloaded) => (change.IsEmpty, isDry, isReloaded) switch
    {
        (true, _, _) => $"tcpao: {change.Path}: there is nothing to change",
        (_, true, _) => $"tcpao: {change.Path} is not changed; without --dry-run it would be",
        (_, _, true) => $"tcpao: {change.Path} is changed and in force",
        _ => $"tcpao: {change.Path} is changed; a running tcpao has it after 'tcpao reload'",
    };

    /// <summary>The running tcpao may have another configuration than the one that was edited.</summary>
    private static ReloadPlan Reload(string path, string? control)
    {
        ReloadPlan plan = JsonSerializer.Deserialize(ControlOption.Ask(control, client => client.Reload(dryRun: false)), ControlJson.Default.ReloadPlan)!;
        if (Path.IsPathRooted(plan.Configuration) && !string.Equals(plan.Configuration, Path.GetFullPath(path), StringComparison.Ordinal))
        {
            Console.Error.WriteLine($"tcpao: warning: the running tcpao reads {plan.Configuration}, not {path}");
        }

        return plan;
    }

    private void WriteJson(Stream output, KeyFileChange change, bool isDry, ReloadPlan? plan) => KeysJson.Write(output, Name, writer =>
    {
        writer.WriteString("configuration", change.Path);
        writer.WriteBoolean("changed", !isDry && !change.IsEmpty);
        writer.WriteBoolean("reloaded", plan is not null);
        if (change.Key is { } key)
        {
            writer.WriteNumber("key", key);
        }
        else
        {
            writer.WriteNull("key");
        }

        writer.Strings("details", change.Details);
        writer.Strings("warnings", change.Warnings);
        writer.Strings("new-files", change.NewFiles);
    });
}
