using System.CommandLine;
using System.Globalization;

namespace TcpAo.Cli.Commands;

/// <summary><c>--watch [SECONDS]</c>: show it again and again, until interrupted.</summary>
internal static class WatchOption
{
    private const double Longest = 86_400;

    public static Option<double> Create() => new("--watch")
    {
        Description = "again every so many seconds, until interrupted",
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 0,
        CustomParser = result => result.Tokens.Count == 0 ? 1 : double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : double.NaN,
    };

    /// <summary>How long to wait between two; null where it is shown once.</summary>
    /// <exception cref="UserErrorException">That is no number of seconds.</exception>
    public static TimeSpan? PauseOf(ParseResult parsed, Option<double> option)
    {
        if (parsed.GetResult(option) is not { Implicit: false })
        {
            return null;
        }

        double seconds = parsed.GetValue(option);
        return seconds is > 0 and <= Longest ? TimeSpan.FromSeconds(seconds) : throw new UserErrorException("--watch takes seconds, such as 2 or 0.5", ExitCodes.Usage);
    }

    /// <summary>A text as it is shown: on a terminal in the place of the one before.</summary>
    public static string Page(string text, bool isRepeated)
    {
        // home, the text, and whatever is left below it goes
        const string Home = "\e[H\e[J";
        return isRepeated && !Console.IsOutputRedirected ? $"{Home}{text}" : text;
    }
}
