using System.Globalization;
using TcpAo.Benchmarks;
using TcpAo.Crypto;
using TcpAo.Linux.Crypto;

// One class per verb; each prints what it compares from one run, so that the ratios hold on any machine.
// as the command itself does
BlockFunctions.Current = LibCrypto.TryCreate();
switch (args)
{
    case ["engine"]:
        EngineBenchmark.Run(Console.Out);
        return 0;
    case ["others"]:
        OthersBenchmark.Run(Console.Out);
        return 0;
    case ["loss"]:
        LossBenchmark.Run(Console.Out);
        return 0;
    case ["scale"]:
        ScaleBenchmark.Run(Console.Out);
        return 0;
    case [ScaleBenchmark.FarEndVerb]:
        ScaleBenchmark.HoldFarEnd();
        return 0;
    case ["intercept"]:
        InterceptBenchmark.Run(Console.Out);
        return 0;
    case [InterceptBenchmark.ProgramVerb, string path]:
        InterceptBenchmark.Time(path);
        return 0;
    case ["exec"]:
        ExecBenchmark.Run(Console.Out);
        return 0;
    case [ExecBenchmark.ProgramVerb, string path]:
        ExecBenchmark.Time(path);
        return 0;
    case ["fleet"]:
        FleetBenchmark.Run(Console.Out);
        return 0;
    case ["fleet", string endpoint, string hosts]:
        FleetBenchmark.RunAsync(Console.Out, new Uri(endpoint), int.Parse(hosts, CultureInfo.InvariantCulture)).GetAwaiter().GetResult();
        return 0;
    default:
        Console.Error.WriteLine("usage: TcpAo.Benchmarks engine | others | loss | scale | intercept | exec | fleet [URL HOSTS]");
        Console.Error.WriteLine("  engine   signing and verifying a segment beside the MAC alone");
        Console.Error.WriteLine("  others   traffic that nobody protects, without tcpao run, with it, and with it dead; root");
        Console.Error.WriteLine("  loss     a transfer over a bad link, signed and not, both through a queue; root");
        Console.Error.WriteLine("  scale    10 000 connections in memory, 1 000 peers to start and to reload; root");
        Console.Error.WriteLine("  intercept  a program's calls under supervision (seccomp) beside those of a bare one");
        Console.Error.WriteLine("  exec     the same under tcpao exec, with and without --proc; root");
        Console.Error.WriteLine("  fleet      a rollover of 100 to 10 000 hosts: what a step costs each; with the URL of an etcd, a whole one of so many");
        return 2;
}
