using System.Diagnostics;

namespace TcpAo.Cli.Bench;

/// <summary>
/// Times cases side by side: their passes take turns, so that a slow moment of the machine falls on all of them. A pass is short, and there are many.
/// </summary>
internal static class BenchRun
{
    private const double WarmUpSeconds = 0.5;

    /// <summary>Runs all cases.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="passes">Passes of each.</param>
    /// <param name="passMicroseconds">About how long a pass takes.</param>
    /// <returns>The figures, in the order of the cases.</returns>
    public static BenchFigures[] Measure(IReadOnlyList<BenchCase> cases, int passes, double passMicroseconds)
    {
        int used = 0;
        int[] repetitions = [.. cases.Select(@case => WarmUp(@case, passMicroseconds, ref used))];
        double[][] times = [.. cases.Select(_ => new double[passes])];
        for (int pass = 0; pass < passes; pass++)
        {
            for (int i = 0; i < cases.Count; i++)
            {
                // untimed first: each finds the caches as it left them itself
                used += cases[i].Work(Math.Max(1, repetitions[i] / 4));
                long start = Stopwatch.GetTimestamp();
                used += cases[i].Work(repetitions[i]);
                times[i][pass] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / ((double)repetitions[i] * cases[i].Operations);
            }
        }

        GC.KeepAlive(used);
        foreach (double[] samples in times)
        {
            Array.Sort(samples);
        }

        return [.. times.Select(samples => new BenchFigures(samples[0], samples[passes / 2]))];
    }

    /// <summary>Runs a case until it is compiled for good, and finds how often it goes into a pass.</summary>
    private static int WarmUp(BenchCase @case, double passMicroseconds, ref int used)
    {
        int repetitions = 1;
        long begin = Stopwatch.GetTimestamp();
        double nanoseconds = double.MaxValue;
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < WarmUpSeconds)
        {
            long start = Stopwatch.GetTimestamp();
            used += @case.Work(repetitions);
            double took = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            nanoseconds = Math.Min(nanoseconds, took / repetitions);
            repetitions = took < passMicroseconds * 1000 ? repetitions * 2 : repetitions;
        }

        return Math.Max(1, (int)(passMicroseconds * 1000 / nanoseconds));
    }
}
