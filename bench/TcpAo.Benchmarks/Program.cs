using TcpAo.Benchmarks;

// One class per verb; each prints what it compares from one run, so that the ratios hold on any machine.
switch (args)
{
    case ["lookup"]:
        LookupBenchmark.Run(Console.Out);
        return 0;
    default:
        Console.Error.WriteLine("usage: TcpAo.Benchmarks lookup");
        Console.Error.WriteLine("  lookup   finding keys and peers among 10, 1 000 and 100 000");
        return 2;
}
