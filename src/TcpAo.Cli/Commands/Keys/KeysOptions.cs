using System.CommandLine;
using TcpAo.Crypto;
using TcpAo.Hosting.Configuration;
using TcpAo.Hosting.KeyFiles;

namespace TcpAo.Cli.Commands.Keys;

/// <summary>Options that several verbs of <c>tcpao keys</c> share, and how failures become exit codes.</summary>
internal static class KeysOptions
{
    public static Option<string> Config() => new("--config", "-c") { Description = "the configuration that holds the key chains", HelpName = "FILE", Required = true };

    public static Option<string?> KekFile() => new("--kek-file") { Description = "file with the key-encryption key of wrapped secrets, as hex digits", HelpName = "FILE" };

    public static Option<bool> Json() => new("--json") { Description = "JSON, schema tcpao.keys/1" };

    public static Option<bool> DryRun() => new("--dry-run") { Description = "change nothing; say what would change" };

    public static Argument<string> Chain() => new("chain") { Description = "name of the key chain", HelpName = "CHAIN" };

    public static Option<string?> Algorithm(string otherwise) => new("--algorithm", "-a") { Description = $"MAC and KDF: {MacAlgorithms.Names} (default: {otherwise})", HelpName = "NAME" };

    /// <summary>The algorithm of a name.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public static MacAlgorithm? AlgorithmOf(string? name) => name is null ? null
        : MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm) ? algorithm
        : throw new UserErrorException($"unknown algorithm '{name}', known are {MacAlgorithms.Names}", ExitCodes.Usage);

    /// <summary>The time of an option.</summary>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static DateTimeOffset? InstantOf(string option, string? text, DateTimeOffset now) => text is null ? null
        : OperatorTime.TryParseInstant(text, now, out DateTimeOffset instant) ? instant
        : throw new UserErrorException($"{option} takes {OperatorTime.InstantRule}", ExitCodes.Usage);

    /// <summary>The duration of an option.</summary>
    /// <exception cref="UserErrorException">It is none.</exception>
    public static TimeSpan? DurationOf(string option, string? text) => text is null ? null
        : OperatorTime.TryParseDuration(text, out TimeSpan duration) ? duration
        : throw new UserErrorException($"{option} takes {OperatorTime.DurationRule}", ExitCodes.Usage);

    /// <summary>Does something with a key file; what goes wrong becomes a sentence and an exit code.</summary>
    /// <exception cref="UserErrorException">It went wrong.</exception>
    public static T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (ConfigurationException error)
        {
            throw ConfigurationText.Errors(error);
        }
        catch (KeyFileException error)
        {
            throw new UserErrorException(error.Message, error.Failure switch
            {
                KeyFileFailure.NotFound => ExitCodes.Usage,
                KeyFileFailure.Refused => ExitCodes.No,
                KeyFileFailure.CannotEdit => ExitCodes.Configuration,
                _ => ExitCodes.Privilege,
            });
        }
    }

    /// <summary>Opens the file, and warns of what is to be warned of.</summary>
    public static KeyFile Open(string path, string? kekFile) => Guard(() => KeyFile.Open(path, kekFile));
}
