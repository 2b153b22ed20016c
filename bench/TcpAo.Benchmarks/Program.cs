using System.Globalization;
using TcpAo.Benchmarks;

// One class per verb; each prints what it compares from one run, so that the ratios hold on any machine.
switch (args)
{
    case ["lookup"]:
        LookupBenchmark.Run(Console.Out);
        return 0;
    case ["verify"]:
        VerifyBenchmark.Run(Console.Out, mebibytes: 1024, payloadLength: 1448);
        return 0;
    case ["verify", string mebibytes, string payloadLength]:
        VerifyBenchmark.Run(Console.Out, int.Parse(mebibytes, CultureInfo.InvariantCulture), int.Parse(payloadLength, CultureInfo.InvariantCulture));
        return 0;
    default:
        Console.Error.WriteLine("usage: TcpAo.Benchmarks lookup | verify [MIB PAYLOAD-BYTES]");
        Console.Error.WriteLine("  lookup   finding keys and peers among 10, 1 000 and 100 000");
        Console.Error.WriteLine("  verify   the rate of tcpao verify beside that of reading the file; 1024 MiB of 1448-byte segments unless said");
        return 2;
}
