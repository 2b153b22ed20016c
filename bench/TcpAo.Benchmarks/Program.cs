using System.Globalization;
using TcpAo.Benchmarks;
using TcpAo.Benchmarks.DataPath;
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
    case ["path"]:
        PathBenchmark.Run(Console.Out, mebibytes: 256, []);
        return 0;
    case ["path", "tun"]:
        TunBenchmark.Run(Console.Out, mebibytes: 256, []);
        return 0;
    case ["path", "tun", string mebibytes, .. string[] algorithms]:
        TunBenchmark.Run(Console.Out, int.Parse(mebibytes, CultureInfo.InvariantCulture), algorithms);
        return 0;
    case ["path", string mebibytes, .. string[] algorithms]:
        PathBenchmark.Run(Console.Out, int.Parse(mebibytes, CultureInfo.InvariantCulture), algorithms);
        return 0;
    case [QueueOnly.Verb, string how]:
        QueueOnly.Serve(how);
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
    default:
        Console.Error.WriteLine("usage: TcpAo.Benchmarks engine | path [tun] [MIB] | others | loss | scale | intercept | exec");
        Console.Error.WriteLine("  engine   signing and verifying a segment beside the MAC alone");
        Console.Error.WriteLine("  path     tcpao run at both ends beside plain TCP: throughput, round trips; 256 MiB a run unless said; root");
        Console.Error.WriteLine("  path tun the two data paths beside plain TCP; root");
=======
        Console.Error.WriteLine("usage: TcpAo.Benchmarks engine | path [MIB [ALGORITHM…]] | others | loss | scale | intercept | exec");
        Console.Error.WriteLine("  engine   signing and verifying a segment beside the MAC alone");
        Console.Error.WriteLine("  path     tcpao run at both ends beside plain TCP: throughput, round trips; 256 MiB a run and all algorithms unless said; root");
        Console.Error.WriteLine("  others   traffic that nobody protects, without tcpao run, with it, and with it dead; root");
        Console.Error.WriteLine("  loss     a transfer over a bad link, signed and not, both through a queue; root");
        Console.Error.WriteLine("  scale    10 000 connections in memory, 1 000 peers to start and to reload; root");
        Console.Error.WriteLine("  intercept  a program's calls under supervision (seccomp) beside those of a bare one");
        Console.Error.WriteLine("  exec     the same under tcpao exec, with and without --proc; root");
        return 2;
}
