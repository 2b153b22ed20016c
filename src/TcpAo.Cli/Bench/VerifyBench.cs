using System.Diagnostics;
using TcpAo.Cli.Output;
using TcpAo.Cli.Verify;
using TcpAo.Crypto;

namespace TcpAo.Cli.Bench;

/// <summary>How fast <c>tcpao verify</c> goes through a capture in the page cache, with one thread and with two, beside reading the file alone.</summary>
/// <param name="mebibytes">Size of each capture.</param>
internal sealed class VerifyBench(int mebibytes)
{
    private const int Repetitions = 7;
    private const int Connections = 8;

    private static readonly int[] s_payloadLengths = [1448, 64];

    /// <summary>Measures algorithm by algorithm.</summary>
    public void Run(BenchOutput output)
    {
        string folder = Directory.CreateTempSubdirectory("tcpao-bench").FullName;
        try
        {
            foreach (MacAlgorithm algorithm in MacAlgorithms.All.Where(algorithm => !algorithm.IsTcpMd5))
            {
                foreach (int payloadLength in s_payloadLengths)
                {
                    string path = Path.Combine(folder, "capture.pcap");
                    long segments = BulkCapture.Write(path, algorithm, (long)mebibytes << 20, payloadLength, Connections);
                    Measure(output, path, algorithm, segments, payloadLength);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(BenchOutput output, string path, MacAlgorithm algorithm, long segments, int payloadLength)
    {
        (string Name, int Threads, Action Work)[] cases =
        [
            ("read the file alone", 1, () => ReadAlone(path)),
            ("tcpao verify", 1, () => Verify(path, threads: 1)),
            ("tcpao verify", 2, () => Verify(path, threads: 2)),
        ];
        double[][] seconds = [.. cases.Select(_ => new double[Repetitions])];
        for (int round = -1; round < Repetitions; round++)
        {
            for (int i = 0; i < cases.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                cases[i].Work();
                if (round >= 0)
                {
                    seconds[i][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                }
            }
        }

        foreach (double[] samples in seconds)
        {
            Array.Sort(samples);
        }

        for (int i = 0; i < cases.Length; i++)
        {
            double median = seconds[i][Repetitions / 2];
            output.Row(
                "verify",
                ("algorithm", algorithm.Name),
                ("payload-bytes", payloadLength),
                ("threads", cases[i].Threads),
                ("implementation", cases[i].Name),
                ("role", i == 0 ? "reference" : "ours"),
                ("gigabytes-per-second-max", segments * payloadLength / seconds[i][0] / 1e9),
                ("gigabytes-per-second-median", segments * payloadLength / median / 1e9),
                ("segments-per-second-median", segments / median),
                ("nanoseconds-a-segment-min", seconds[i][0] / segments * 1e9),
                ("ratio-to-one-thread", seconds[1][0] / seconds[i][0]));
        }
    }

    private static void ReadAlone(string path)
    {
        using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Options = FileOptions.SequentialScan });
        byte[] buffer = new byte[1 << 20];
        while (file.Read(buffer) > 0)
        {
        }
    }

    private static void Verify(string path, int threads)
    {
        CaptureKeysFile keys = CaptureKeysFile.Load(BulkCapture.KeysOf(path));
        using IVerifyOutput output = new TextVerifyOutput(Stream.Null, path, onlyBad: false, all: false);
        int code = new VerifyRun(path, keys.Keys, null, [], threads).Execute(output, new Progress(TextWriter.Null, enabled: false));
        if (code != 0)
        {
            throw new InvalidOperationException($"the capture did not verify: exit code {code}");
        }
    }
}
