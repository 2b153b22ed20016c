namespace TcpAo.Fuzz;

/// <summary>The fuzz program; see fuzz/README.md.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        FuzzOptions? options = FuzzOptions.Parse(args);
        IFuzzTarget[] targets = options is null ? [] : Choose(options.Target);
        if (options is null || targets.Length == 0)
        {
            Console.Error.WriteLine(FuzzOptions.Usage);
            return 2;
        }

        if (options.IsStdin)
        {
            RunStandardInput(targets[0]);
            return 0;
        }

        if (options.Replay is not null)
        {
            return Replay(targets[0], options.Replay);
        }

        return options.IsWorker
            ? new Fuzzer(targets[0], options, Corpus.FindRoot()).Run() ? 0 : 1
            : Supervisor.Run(targets, options);
    }

    private static IFuzzTarget[] Choose(string name)
    {
        IFuzzTarget[] all = FuzzTargets.Create();
        return string.Equals(name, "all", StringComparison.Ordinal)
            ? all
            : Array.FindAll(all, target => string.Equals(target.Name, name, StringComparison.Ordinal));
    }

    /// <summary>An exception is let through: the runtime then aborts, which is what AFL++ takes for a crash.</summary>
    private static void RunStandardInput(IFuzzTarget target)
    {
        using Stream input = Console.OpenStandardInput();
        using MemoryStream copy = new();
        input.CopyTo(copy);
        TargetRunner runner = new(target);
        runner.RunBothSides(copy.ToArray());
    }

    private static int Replay(IFuzzTarget target, string path)
    {
        TargetRunner runner = new(target);
        try
        {
            runner.RunBothSides(File.ReadAllBytes(path));
            Console.WriteLine($"{target.Name}: {path} runs through");
            return 0;
        }
        catch (Exception e) when (e is not IOException and not UnauthorizedAccessException)
        {
            Console.WriteLine($"{target.Name}: FOUND {e}");
            return 1;
        }
    }
}
