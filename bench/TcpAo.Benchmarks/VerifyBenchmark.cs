using System.Diagnostics;
using System.Globalization;
using TcpAo.Cli.Output;
using TcpAo.Cli.Verify;
using TcpAo.Crypto;

namespace TcpAo.Benchmarks;

/// <summary>
/// How fast <c>tcpao verify</c> goes through a capture in the page cache, beside reading the file alone; both in this process and on one thread.
/// </summary>
internal static class VerifyBenchmark
{
    private const int Repetitions = 5;
    private const int Connections = 8;

    public static void Run(TextWriter output, int mebibytes, int payloadLength)
    {
        string folder = Directory.CreateTempSubdirectory("tcpao-bench").FullName;
        try
        {
            foreach (MacAlgorithm algorithm in MacAlgorithms.All.Where(algorithm => !algorithm.IsTcpMd5))
            {
                string path = Path.Combine(folder, "capture.pcap");
                long segments = BulkCapture.Write(path, algorithm, (long)mebibytes << 20, payloadLength, Connections);
                Measure(output, path, algorithm, segments, payloadLength);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        using var self = Process.GetCurrentProcess();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak memory of this process {self.PeakWorkingSet64 >> 20} MB"));
    }

    private static void Measure(TextWriter output, string path, MacAlgorithm algorithm, long segments, int payloadLength)
    {
        (string Name, Action Work)[] cases =
        [
            ("read the file alone", () => ReadAlone(path)),
            ("verify, summary", () => Verify(path, json: false)),
            ("verify, --json", () => Verify(path, json: true)),
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

        long payload = segments * payloadLength;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{algorithm.Name}, {segments} segments of {payloadLength} bytes"));
        output.WriteLine($"  {"",-22} {"GB/s",6} {"segments/s",12} {"ns/segment",11} {"of reading",11}");
        for (int i = 0; i < cases.Length; i++)
        {
            Array.Sort(seconds[i]);
            double median = seconds[i][Repetitions / 2];
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {cases[i].Name,-22} {payload / median / 1e9,6:F2} {segments / median,12:F0} {median / segments * 1e9,11:F0} {seconds[0][Repetitions / 2] / median,11:F2}"));
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

    private static void Verify(string path, bool json)
    {
        CaptureKeysFile keys = CaptureKeysFile.Load(BulkCapture.KeysOf(path));
        using IVerifyOutput output = json ? new JsonVerifyOutput(Stream.Null, onlyBad: false) : new TextVerifyOutput(Stream.Null, path, onlyBad: false, all: false);
        int code = new VerifyRun(path, keys.Keys, null, []).Execute(output, new Progress(TextWriter.Null, enabled: false));
        if (code != 0)
        {
            throw new InvalidOperationException($"the capture did not verify: exit code {code}");
        }
    }
}
