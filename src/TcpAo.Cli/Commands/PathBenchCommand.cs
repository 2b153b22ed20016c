using System.CommandLine;
using TcpAo.Cli.Bench;
using TcpAo.Cli.Lab;
using TcpAo.Crypto;

namespace TcpAo.Cli.Commands;

/// <summary><c>tcpao bench path</c>: throughput and round trips through <c>tcpao run</c> at both ends, in namespaces of its own.</summary>
internal sealed class PathBenchCommand : Command
{
    private const int LargestTransfer = 1 << 20;

    private static readonly Option<int> s_mebibytes = new("--mebibytes") { Description = "size of each transfer", DefaultValueFactory = _ => 64, HelpName = "MIB" };
    private static readonly Option<string[]> s_algorithms = new("--algorithm") { Description = "of these algorithms only; may be repeated", HelpName = "NAME", DefaultValueFactory = _ => [] };
    private static readonly Option<string[]> s_paths = new("--data-path") { Description = "through these data paths only: nfqueue, tun; may be repeated", HelpName = "PATH", DefaultValueFactory = _ => [] };
    private static readonly Option<bool> s_inside = new("--inside") { Hidden = true };

    private readonly Func<ParseResult, Action<BenchOutput>, int> _run;

    /// <param name="run">Opens the output and measures.</param>
    public PathBenchCommand(Func<ParseResult, Action<BenchOutput>, int> run)
        : base("path", "What tcpao run at both ends leaves of TCP's throughput and adds to its round trips. Needs no root where user namespaces are allowed")
    {
        _run = run;
        s_paths.AcceptOnlyFromAmong([.. PathBench.Paths]);
        Add(s_mebibytes);
        Add(s_algorithms);
        Add(s_paths);
        Add(s_inside);
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        int mebibytes = parsed.GetValue(s_mebibytes);
        if (mebibytes is < 1 or > LargestTransfer)
        {
            throw new UserErrorException($"--mebibytes {mebibytes}: a transfer has 1 to {LargestTransfer} MiB", ExitCodes.Usage);
        }

        MacAlgorithm[] algorithms = Choose(parsed.GetValue(s_algorithms)!);
        if (!parsed.GetValue(s_inside))
        {
            // as it was typed, once more
            return LabLauncher.Run("bench path", [.. parsed.Tokens.Select(token => token.Value), s_inside.Name]);
        }

        LabLauncher.EndWithLauncher();
        string[] paths = parsed.GetValue(s_paths)!;
        return _run(parsed, new PathBench(mebibytes, algorithms, paths is [] ? PathBench.Paths : paths).Run);
    }

    private static MacAlgorithm[] Choose(string[] names)
    {
        MacAlgorithm[] all = [.. MacAlgorithms.All.Where(algorithm => !algorithm.IsTcpMd5)];
        return names is [] ? all : [.. names.Select(name => MacAlgorithms.TryGet(name, out MacAlgorithm? algorithm) && all.Contains(algorithm)
            ? algorithm
            : throw new UserErrorException($"there is no algorithm '{name}'; there are {string.Join(", ", all.Select(one => one.Name))}", ExitCodes.Usage))];
    }
}
