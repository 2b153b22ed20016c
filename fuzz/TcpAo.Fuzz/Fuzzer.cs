using System.Diagnostics;
using System.Globalization;
using TcpAo.Fuzz.Memory;

namespace TcpAo.Fuzz;

/// <summary>Runs mutations of one target until time is up or something is found.</summary>
internal sealed class Fuzzer(IFuzzTarget target, FuzzOptions options, string? corpusRoot)
{
    /// <returns>False when something was found.</returns>
    public bool Run()
    {
        Directory.CreateDirectory(CrashStore.Root);
        TargetRunner runner = new(target);
        using FlightRecorder recorder = new(FlightRecorder.PathFor(target.Name));
        Signals.Clear();
        byte[][] seeds = [.. target.Seeds, .. Corpus.Read(corpusRoot, target.Name).Select(file => file.Bytes)];
        InputPool pool = new(seeds);
        Mutator mutator = new(options.Seed);
        long executions = 0;
        long start = Stopwatch.GetTimestamp();
        byte[] input = [];
        bool isSound = true;
        try
        {
            foreach (byte[] seed in seeds)
            {
                input = seed;
                recorder.Note(input);
                runner.RunBothSides(input);
                executions += 2;
            }

            while (Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds)
            {
                input = mutator.Next(pool.Inputs);
                recorder.Note(input);
                runner.Run(input, (GuardSide)(executions++ & 1));
                pool.Offer(input);
            }
        }
        catch (Exception e)
        {
            CrashStore.Keep(target.Name, input, e.ToString());
            isSound = false;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target.Name}: {executions} executions in {seconds:F1} s, {executions / seconds:F0} per second, {pool.Inputs.Count} inputs in the pool"));
        return isSound;
    }
}
