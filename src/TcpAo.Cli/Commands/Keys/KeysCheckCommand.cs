using System.CommandLine;
using System.Text;
using System.Text.Json;
using TcpAo.Cli.Output.Keys;
using TcpAo.Hosting.KeyFiles;
using TcpAo.Hosting.Recipes;
using TcpAo.KeyChains;

namespace TcpAo.Cli.Commands.Keys;

/// <summary><c>tcpao keys check</c>: what is wrong, or will be, with the keys of a configuration. Exit 1 when there is an error or a warning.</summary>
internal sealed class KeysCheckCommand : Command
{
    private readonly Option<string> _config = KeysOptions.Config();
    private readonly Option<string?> _kekFile = KeysOptions.KekFile();
    private readonly Option<string?> _for = new("--for") { Description = $"what the other sides are: {Formats}; what they cannot do is an error then", HelpName = "FORMAT" };
    private readonly Option<bool> _quiet = new("--no-notes") { Description = "leave out notes" };
    private readonly Option<bool> _json = KeysOptions.Json();
    private readonly Func<Stream> _openOutput;

    public KeysCheckCommand(Func<Stream> openOutput)
        : base("check", "Say what is wrong, or will be, with the keys of a configuration (edits nothing)")
    {
        _openOutput = openOutput;
        _for.AcceptOnlyFromAmong([.. RecipeBook.All.Select(recipe => recipe.Name)]);
        Add(_config);
        Add(_kekFile);
        Add(_for);
        Add(_quiet);
        Add(_json);
        SetAction(Run);
    }

    private static string Formats => string.Join(", ", RecipeBook.All.Select(recipe => recipe.Name));

    private int Run(ParseResult parsed)
    {
        string path = parsed.GetValue(_config)!;
        Recipe? router = parsed.GetValue(_for) is { } name ? RecipeBook.Find(name) : null;
        KeyFileFinding[] findings = [.. KeysOptions.Guard(() => KeyFileCheck.Check(path, parsed.GetValue(_kekFile), router, DateTimeOffset.UtcNow))];
        if (parsed.GetValue(_quiet))
        {
            findings = [.. findings.Where(found => found.Finding.Severity != KeyFindingSeverity.Note)];
        }

        int errors = findings.Count(found => found.Finding.Severity == KeyFindingSeverity.Error);
        int warnings = findings.Count(found => found.Finding.Severity == KeyFindingSeverity.Warning);
        using Stream output = _openOutput();
        if (parsed.GetValue(_json))
        {
            KeysJson.Write(output, Name, writer =>
            {
                writer.WriteString("configuration", path);
                writer.WriteNumber("errors", errors);
                writer.WriteNumber("warnings", warnings);
                writer.Array("findings", findings, found => Write(writer, found));
            });
        }
        else
        {
            output.Write(Encoding.UTF8.GetBytes(string.Concat(findings.Select(found => $"{Line(found)}\n"))));
            output.Write(Encoding.UTF8.GetBytes($"{path}: {errors} errors, {warnings} warnings, {findings.Length - errors - warnings} notes\n"));
        }

        return errors + warnings > 0 ? ExitCodes.No : ExitCodes.Success;
    }

    private static string Line(KeyFileFinding found)
    {
        string place = found.Line == 0 ? found.File : $"{found.File}:{found.Line}:{found.Column}";
        string path = found.Path.Length == 0 ? "" : $"{found.Path}: ";
        string hint = found.Finding.Hint is null ? "" : $"; {found.Finding.Hint}";
        return $"{place}: {SeverityOf(found)}: {path}{found.Finding.Message}{hint} [{found.Finding.Code}]";
    }

    private static void Write(Utf8JsonWriter writer, KeyFileFinding found)
    {
        writer.WriteStartObject();
        writer.WriteString("code", found.Finding.Code);
        writer.WriteString("severity", SeverityOf(found));
        writer.WriteString("chain", found.Finding.Chain.Length == 0 ? null : found.Finding.Chain);
        if (found.Finding.Key is { } key)
        {
            writer.WriteNumber("key", key);
        }
        else
        {
            writer.WriteNull("key");
        }

        writer.WriteNumber("line", found.Line);
        writer.WriteNumber("column", found.Column);
        writer.WriteString("path", found.Path);
        writer.WriteString("message", found.Finding.Message);
        writer.WriteString("hint", found.Finding.Hint);
        writer.WriteEndObject();
    }

    private static string SeverityOf(KeyFileFinding found) => found.Finding.Severity switch
    {
        KeyFindingSeverity.Error => "error",
        KeyFindingSeverity.Warning => "warning",
        _ => "note",
    };
}
