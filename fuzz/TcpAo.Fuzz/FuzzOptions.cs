using System.Globalization;

namespace TcpAo.Fuzz;

/// <summary>The command line.</summary>
internal sealed record FuzzOptions
{
    public const string Usage = """
        usage: TcpAo.Fuzz [target|all] [--seconds N] [--seed S] [--replay FILE] [--stdin]

          target       one of: packet, options, editor, icmp, capture, verifier, engine, mac; all is the default
          --seconds N  how long each target runs (default 10)
          --seed S     of the mutations (default 1)
          --replay F   run one file and nothing else
          --stdin      run what comes in by standard input and nothing else; dies by a signal on a finding (AFL++)
        """;

    public string Target { get; private init; } = "all";

    public double Seconds { get; private init; } = 10;

    public int Seed { get; private init; } = 1;

    public string? Replay { get; private init; }

    public bool IsStdin { get; private init; }

    /// <summary>Set by the program itself: this is the process that may crash.</summary>
    public bool IsWorker { get; private init; }

    /// <summary>Reads the arguments; null where they make no sense.</summary>
    public static FuzzOptions? Parse(ReadOnlySpan<string> args)
    {
        FuzzOptions options = new();
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out double seconds):
                    options = options with { Seconds = seconds };
                    i++;
                    break;
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out int seed):
                    options = options with { Seed = seed };
                    i++;
                    break;
                case "--replay" when value.Length != 0:
                    options = options with { Replay = value };
                    i++;
                    break;
                case "--stdin":
                    options = options with { IsStdin = true };
                    break;
                case "--worker":
                    options = options with { IsWorker = true };
                    break;
                case string name when !name.StartsWith('-'):
                    options = options with { Target = name };
                    break;
                default:
                    return null;
            }
        }

        bool needsOne = options.IsStdin || options.Replay is not null;
        return needsOne && string.Equals(options.Target, "all", StringComparison.Ordinal) ? null : options;
    }
}
