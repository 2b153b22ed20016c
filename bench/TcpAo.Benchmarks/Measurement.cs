using System.Diagnostics;
using System.Globalization;

namespace TcpAo.Benchmarks;

/// <summary>
/// Times several ways of doing something side by side: their repetitions take turns, so that a slow moment of the machine
/// falls on all of them, and the ratio to the first is of figures from one run.
/// </summary>
internal sealed class Measurement(string title)
{
    private readonly List<(string Name, Func<int> Work, int Operations)> _cases = [];

    /// <summary>Adds a case; the first is what the others are compared with.</summary>
    /// <param name="name">What it is called in the table.</param>
    /// <param name="work">Does the operations once; what it returns is used, so that nothing is optimized away.</param>
    /// <param name="operations">How many operations that is.</param>
    public Measurement Add(string name, Func<int> work, int operations)
    {
        _cases.Add((name, work, operations));
        return this;
    }

    /// <summary>Runs all and prints minimum and median per operation, in nanoseconds.</summary>
    public void Run(TextWriter output, int repetitions = 41, int warmups = 6)
    {
        double[][] times = [.. _cases.Select(_ => new double[repetitions])];
        int used = 0;
        for (int round = -warmups; round < repetitions; round++)
        {
            for (int i = 0; i < _cases.Count; i++)
            {
                // once untimed: each case finds the caches as it left them itself, not as the others did
                used += _cases[i].Work();
                long start = Stopwatch.GetTimestamp();
                used += _cases[i].Work();
                double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / _cases[i].Operations;
                if (round >= 0)
                {
                    times[i][round] = nanoseconds;
                }
            }
        }

        output.WriteLine(title);
        output.WriteLine($"  {"",-26} {"min ns",9} {"median ns",10} {"ratio min",10} {"ratio med",10}");
        for (int i = 0; i < _cases.Count; i++)
        {
            Array.Sort(times[i]);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {_cases[i].Name,-26} {Min(i),9:F1} {Median(i),10:F1} {Min(i) / Min(0),10:F2} {Median(i) / Median(0),10:F2}"));
        }

        GC.KeepAlive(used);

        double Min(int i) => times[i][0];
        double Median(int i) => times[i][repetitions / 2];
    }
}
